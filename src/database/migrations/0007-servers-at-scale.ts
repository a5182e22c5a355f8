import type { Migration } from '../migrate.js';

export const serversAtScale: Migration = {
  number: 6,
  name: 'servers-at-scale',
  sql: `
    create extension if not exists pg_trgm;

    -- Short lists show id and name alone: with both in the index they never touch the bodies.
    alter table resource add column name text generated always as (facts->>'name') stored;

    -- Tombstones are kept apart: living rows are what almost every question is about.
    drop index resource_of_project;
    drop index resource_of_all;
    drop index resource_of_site;
    drop index resource_by_id;
    -- Ascending, as most rows come; lists read them backwards.
    create index resource_of_project on resource (kind, project_id, created_at, id) include (site_id, name)
      where deleted_at is null;
    create index resource_of_all on resource (kind, created_at, id) include (site_id, name) where deleted_at is null;
    create index resource_of_site on resource (site_id, kind, created_at) include (id) where deleted_at is null;
    create index resource_gone on resource (kind, created_at, id) where deleted_at is not null;
    create index resource_gone_since on resource (deleted_at) where deleted_at is not null;
    create index resource_changed on resource (kind, updated_at);

    -- What servers are looked for by, over all projects. Within one project its own index is enough.
    create index server_by_name on resource using gin (name gin_trgm_ops) where kind = 'server' and deleted_at is null;
    create index server_by_address on resource using gin ((facts->>'ip4') gin_trgm_ops)
      where kind = 'server' and deleted_at is null;
    create index server_by_address6 on resource using gin ((facts->>'ip6') gin_trgm_ops)
      where kind = 'server' and deleted_at is null and facts->>'ip6' is not null;
    create index server_by_status on resource ((facts->>'status'), created_at)
      where kind = 'server' and deleted_at is null;
    create index server_by_image on resource ((facts->>'image'), created_at)
      where kind = 'server' and deleted_at is null;
    create index server_by_flavor_name on resource ((facts->>'flavor_name'), created_at)
      where kind = 'server' and deleted_at is null;
    create index server_by_flavor on resource ((facts->>'flavor'), created_at)
      where kind = 'server' and deleted_at is null and facts->>'flavor' is not null;

    -- Servers are kept in another form from here on: they are read once more.
    update feed set cursor = null, full_read_at = null, import_marker = null, import_from = null where kind = 'server';
  `,
};
