import type { Migration } from '../migrate.js';

export const serverSearch: Migration = {
  number: 9,
  name: 'server-search',
  sql: `
    -- Trigrams do not see dots: with a letter in their place they know which number follows which.
    drop index server_by_address;
    create index server_by_address on resource using gin (translate(facts->>'ip4', '.', 'x') gin_trgm_ops)
      where kind = 'server' and deleted_at is null;

    -- Names that begin alike stand together, with all that a short list shows and is sorted by. How many they are must be
    -- known: of many the first page is found sooner in the order of the list.
    create index server_by_start_of_name on resource (lower(name) text_pattern_ops, created_at, id) include (site_id, name)
      where kind = 'server' and deleted_at is null;
    create statistics server_names on (lower(name)) from resource;
    analyze resource;
  `,
};
