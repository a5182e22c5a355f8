import type { Migration } from '../migrate.js';

export const globalVersions: Migration = {
  number: 16,
  name: 'global-versions',
  sql: `
    -- Counts the changes of global resources. What was read from a site before a change must not undo it, and the count
    -- says what came before, where the clocks of several machines could not.
    create sequence global_version;
    alter table global_resource add column version bigint not null default nextval('global_version');

    -- Since when a shadow is being made: from before the site is asked to until its answer is known.
    alter table shadow add column making_since timestamptz;
  `,
};
