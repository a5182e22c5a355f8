import type { Migration } from '../migrate.js';

export const start: Migration = {
  number: 1,
  name: 'start',
  sql: `
    create table setting (
      key   text primary key,
      value jsonb not null
    );
  `,
};
