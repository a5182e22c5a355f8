import type { Migration } from '../migrate.js';

export const aliasesOfShadows: Migration = {
  number: 22,
  name: 'aliases-of-shadows',
  sql: `
    -- What is global has one id above the sites' gateways; what a site calls it is an alias, as of everything else.
    alter table shadow add column has_alias boolean not null default false;
    update shadow set has_alias = true where global_id <> site_resource_id and making_since is null;
    insert into alias (site_id, id, site_resource_id, version)
    select s.site_id, s.global_id, s.site_resource_id,
           coalesce(v.version, 0) + row_number() over (partition by s.site_id order by s.kind, s.global_id)
      from shadow s left join alias_version v on v.site_id = s.site_id
     where s.has_alias;
    insert into alias_version (site_id, version) select site_id, max(version) from alias group by site_id
    on conflict (site_id) do update set version = excluded.version;

    -- Volumes were kept with the sites' ids of their types, and shown with the cascade's.
    update resource r
       set body = replace(r.body, s.site_resource_id, s.global_id),
           facts = replace(r.facts::text, s.site_resource_id, s.global_id)::jsonb
      from shadow s
     where s.kind = 'volume_type' and s.has_alias and s.site_id = r.site_id
       and r.kind = 'volume' and r.facts->>'volume_type_id' = s.site_resource_id;
    alter table shadow drop column site_resource_id; -- and with it its index
    create index shadow_at_site on shadow (kind, site_id);
  `,
};
