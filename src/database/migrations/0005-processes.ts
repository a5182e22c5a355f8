import type { Migration } from '../migrate.js';

export const processes: Migration = {
  number: 5,
  name: 'processes',
  sql: `
    -- The processes of this cascade, and which of them minds which site. Nothing here outlives a crash of all of them.
    create unlogged table process (
      id      uuid primary key,
      seen_at timestamptz not null
    );
    create unlogged table site_lease (
      site_id    integer primary key references site on delete cascade,
      process_id uuid not null,
      expires_at timestamptz not null
    );

    -- Where something was written a moment ago: lists catch up with these sites first, whichever process answers them.
    create unlogged table touched (
      site_id    integer not null,
      service    text not null,
      project_id text not null,             -- '' for a write in nobody's name
      touched_at timestamptz not null,
      primary key (service, project_id, site_id)
    );

    -- How much room each site has, as the process that minds it was told.
    create table site_capacity (
      site_id  integer primary key references site on delete cascade,
      capacity jsonb not null,
      read_at  timestamptz not null
    );

    -- How far the first read of a site has come: it goes on behind this row after a crash.
    alter table feed add column import_marker text, add column import_from timestamptz;
  `,
};
