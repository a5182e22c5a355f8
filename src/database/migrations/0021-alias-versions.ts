import type { Migration } from '../migrate.js';

export const aliasVersions: Migration = {
  number: 21,
  name: 'alias-versions',
  sql: `
    -- Every process asks for a site's version to know whether it has all of its aliases. See sites/alias-table.ts.
    alter table alias alter column number drop identity;
    alter table alias rename column number to version;
    drop index alias_by_number;
    create unique index alias_by_version on alias (site_id, version);
    create table alias_version (
      site_id   integer primary key references site on delete cascade,
      version   bigint not null,               -- of the alias that was written last
      forgotten bigint not null default 0      -- at which one was last changed or taken away
    );
    insert into alias_version (site_id, version) select site_id, max(version) from alias group by site_id;
  `,
};
