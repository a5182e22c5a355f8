import type { Migration } from '../migrate.js';

export const aliases: Migration = {
  number: 12,
  name: 'aliases',
  sql: `
    -- What has another id in a site than in the cascade. See sites/aliases.ts.
    create table alias (
      number           bigint generated always as identity,
      site_id          integer not null references site on delete cascade,
      id               text not null,                -- in the cascade
      site_resource_id text not null,
      primary key (site_id, id),
      unique (site_id, site_resource_id)
    );
    create index alias_by_number on alias (number);

    -- Promised to a tenant and not made at its site yet: no list of the site can tell that it is gone.
    alter table resource add column is_promised boolean not null default false;
    create index resource_promised on resource (kind, id) where is_promised;
  `,
};
