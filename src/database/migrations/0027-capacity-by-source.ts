import type { Migration } from '../migrate.js';

export const capacityBySource: Migration = {
  number: 27,
  name: 'capacity-by-source',
  sql: `
    -- Hosts have a part of a site's row, as storage has.
    update site_capacity
       set capacity = jsonb_build_object('hosts', capacity - 'storage')
             || case when capacity ? 'storage' then jsonb_build_object('storage', capacity->'storage') else '{}' end
     where capacity ? 'vcpus';
  `,
};
