import type { Migration } from '../migrate.js';

export const jobs: Migration = {
  number: 10,
  name: 'jobs',
  sql: `
    -- Work that outlives the request and the process that began it. What is done is no row any more; its effects are.
    create table job (
      id          bigint generated always as identity primary key,
      kind        text not null,
      key         text not null,                     -- what it is about: one job of a kind for each
      lane        text not null default '',          -- jobs of one kind and lane share a limit
      input       jsonb not null,
      state       text not null default 'waiting' check (state in ('waiting', 'running', 'failed')),
      attempts    integer not null default 0,
      run_at      timestamptz not null default now(),
      again       boolean not null default false,    -- asked for once more while it runs
      process_id  uuid,
      lease_until timestamptz,
      cause       text,                              -- why the last attempt did not end well
      created_at  timestamptz not null default now(),
      changed_at  timestamptz not null default now(),
      unique (kind, key)
    );
    create index job_due on job (kind, run_at) where state <> 'failed';
  `,
};
