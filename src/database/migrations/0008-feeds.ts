import type { Migration } from '../migrate.js';

export const feeds: Migration = {
  number: 8,
  name: 'feeds',
  sql: `
    alter table feed
      add column read_at timestamptz,                     -- when it was last read to its end
      add column import_rows integer not null default 0,  -- rows of the first read so far
      add column suspected_at timestamptz,                -- an operator doubts what was read before this moment
      add column round_marker text;                       -- how far the slow round over all rows has come
    update feed set read_at = full_read_at;

    -- When what is global was last compared with the site, without a failure.
    alter table site add column reconciled_at timestamptz;
  `,
};
