import type { Migration } from '../migrate.js';

export const writtenGlobals: Migration = {
  number: 26,
  name: 'written-globals',
  sql: `
    -- Written through the cascade, and so meant for every site, also for one that is added later; others are of the sites that
    -- had them.
    alter table global_resource add column is_written boolean not null default false;
  `,
};
