import type { Migration } from '../migrate.js';

export const sitesAndResources: Migration = {
  number: 2,
  name: 'sites and resources',
  sql: `
    create table site (
      id           integer generated always as identity primary key,
      name         text not null unique,
      state        text not null check (state in ('enabled', 'draining', 'maintenance')),
      auth_url     text not null,
      region       text not null,
      interface    text not null,
      verify_tls   boolean not null,
      credential   text not null,           -- sealed, see sites/secrets.ts
      capabilities jsonb not null,
      created_at   timestamptz not null default now()
    );

    -- The inventory: one row for each zonal resource of each site, as the site's administrator sees it.
    create table resource (
      kind       text not null,
      id         text not null,
      site_id    integer not null references site on delete cascade,
      project_id text,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      deleted_at timestamptz,
      body       text not null,             -- JSON in the kind's canonical form
      facts      jsonb not null,            -- what lists filter and sort by
      seen_at    timestamptz not null default now(),
      primary key (kind, id, site_id)
    );
    create index resource_of_project on resource (kind, project_id, created_at desc, id desc);
    create index resource_of_all on resource (kind, created_at desc, id desc);
    create index resource_of_site on resource (site_id, kind, id);
    create index resource_by_id on resource (id);

    -- What lists sort by: strings without regard to case, as MySQL compares them for every service; no value comes first.
    create function sort_value(value jsonb) returns jsonb immutable parallel safe language sql as $body$
      select case jsonb_typeof(value) when 'string' then to_jsonb(lower(value #>> '{}')) else coalesce(value, 'null') end
    $body$;

    -- How far each feed has read. 'cursor' moves in the transaction that stores what was read.
    create table feed (
      site_id      integer not null references site on delete cascade,
      kind         text not null,
      cursor       timestamptz,
      full_read_at timestamptz,
      last_error   text,
      error_since  timestamptz,
      primary key (site_id, kind)
    );

    -- Global resources: the cascade is the authority, sites hold shadows.
    create table global_resource (
      kind       text not null,
      id         text not null,
      owner_id   text,                      -- project, or user for key pairs
      body       jsonb not null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      deleted_at timestamptz,
      primary key (kind, id)
    );
    create table shadow (
      kind             text not null,
      global_id        text not null,
      site_id          integer not null references site on delete cascade,
      site_resource_id text not null,
      seen             jsonb,               -- what the site was last known to hold
      last_error       text,
      primary key (kind, global_id, site_id)
    );
    create unique index shadow_at_site on shadow (kind, site_id, site_resource_id);

    -- Where a project's resources go when nothing names a zone.
    create table project_site (
      project_id text primary key,
      site_id    integer not null references site on delete cascade,
      chosen_at  timestamptz not null default now()
    );

    create table placement_decision (
      id         bigint generated always as identity primary key,
      project_id text,
      kind       text not null,
      resource_id text,
      site_id    integer references site on delete cascade,
      reason     jsonb not null,
      decided_at timestamptz not null default now()
    );
    create index placement_decision_of on placement_decision (resource_id);
  `,
};
