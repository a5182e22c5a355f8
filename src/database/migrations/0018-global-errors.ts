import type { Migration } from '../migrate.js';

export const globalErrors: Migration = {
  number: 18,
  name: 'global-errors',
  sql: `
    -- Why a site does not hold something global, also where it holds nothing of it.
    create table global_error (
      kind      text not null,
      global_id text not null,
      site_id   integer not null references site on delete cascade,
      error     text not null,
      noted_at  timestamptz not null default now(),
      primary key (kind, global_id, site_id)
    );
    insert into global_error (kind, global_id, site_id, error)
      select kind, global_id, site_id, last_error from shadow where last_error is not null;
    alter table shadow drop column last_error;

    -- Quotas are kept as all else is: the body is what was set, and a reset is a deletion.
    update global_resource set body = body->'quota_set' where kind in ('compute_quota', 'compute_quota_class');
    update global_resource set body = '{}', deleted_at = coalesce(deleted_at, now()), updated_at = now()
     where kind = 'network_quota' and body->'limits' = 'null';
    update global_resource set body = body->'limits' where kind = 'network_quota' and deleted_at is null;
  `,
};
