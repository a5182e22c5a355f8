import type { Migration } from '../migrate.js';

export const copyMethods: Migration = {
  number: 24,
  name: 'copy-methods',
  sql: `
    -- When an image is copied is its mode, and how its bytes come is the method, as Glance calls those of an import.
    alter table image_policy rename column way to mode;
    alter table image_policy rename column tool to method;
    alter table image_copy rename column tool to method;
  `,
};
