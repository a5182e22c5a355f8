import type { Migration } from '../migrate.js';

export const consoles: Migration = {
  number: 3,
  name: 'consoles',
  sql: `
    -- Links to consoles that tenants were given: short-lived, worth one connection each.
    create table console (
      token_hash bytea primary key,         -- SHA-256; the token itself is in the tenant's URL alone
      site_id    integer not null references site on delete cascade,
      server_id  text not null,
      project_id text,
      url        text not null,             -- the site's own, with the site's token: sealed with a key made from ours
      expires_at timestamptz not null,
      opened_at  timestamptz
    );
    create index console_expires on console (expires_at);
  `,
};
