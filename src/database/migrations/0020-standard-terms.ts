import type { Migration } from '../migrate.js';

export const standardTerms: Migration = {
  number: 20,
  name: 'standard-terms',
  sql: `
    -- The columns are called what the code and the documentation call them.
    alter table resource rename column is_promised to is_placeholder;
    alter index resource_promised rename to resource_placeholder;
    alter table image_copy rename column doomed_at to deleting_at;
  `,
};
