import type { Migration } from '../migrate.js';

export const serverHashes: Migration = {
  number: 14,
  name: 'server-hashes',
  sql: `
    -- Servers of one image or flavor, in the order of lists. Both are long words of which there are few.
    drop index server_by_image;
    drop index server_by_flavor_name;
    create index server_by_image on resource (hashtextextended(facts->>'image', 0), created_at)
      where kind = 'server' and deleted_at is null;
    create index server_by_flavor_name on resource (hashtextextended(facts->>'flavor_name', 0), created_at)
      where kind = 'server' and deleted_at is null;
    analyze resource;
  `,
};
