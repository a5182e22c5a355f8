import type { Migration } from '../migrate.js';

export const defaultGroups: Migration = {
  number: 17,
  name: 'default-groups',
  sql: `
    -- A project's security group 'default': one to tenants, another one in each site. See routing/default-groups/.
    create table default_group (
      project_id text primary key,
      id         text not null unique,                          -- what tenants know it by; never another one
      site_id    integer references site on delete set null     -- whose rules are shown, and are followed by the others
    );
    create table default_group_site (
      project_id  text not null references default_group on delete cascade,
      site_id     integer not null references site on delete cascade,
      follows     boolean,               -- its rules are kept as the shown ones; null until that is decided
      compared_at timestamptz,           -- when both were found, or made, alike
      primary key (project_id, site_id)
    );
    create index default_group_at on default_group_site (site_id);

    create index default_group_row on resource (project_id, site_id)
      where kind = 'security_group' and deleted_at is null and facts->>'name' = 'default';
    create index rule_of_group on resource ((facts->>'security_group_id')) where kind = 'security_group_rule';
    create index policy_of_object on resource ((facts->>'object_id')) where kind = 'rbac_policy';

    -- Rows of the others, of their rules and of their RBAC policies are copies: whoever stores what a site has need not know.
    create function mark_default_group_copy() returns trigger language plpgsql as $body$
      begin
        new.is_copy := exists (
          select 1 from default_group d
           where d.site_id is distinct from new.site_id
             and d.id = case new.kind when 'security_group' then new.id
                                      when 'security_group_rule' then new.facts->>'security_group_id'
                                      else new.facts->>'object_id' end);
        return new;
      end $body$;
    create trigger default_group_copy before insert or update on resource for each row
      when (new.kind in ('security_group', 'security_group_rule', 'rbac_policy'))
      execute function mark_default_group_copy();

    -- A site that is taken out leaves the project's group to another: the home, or the first of those that followed.
    create function elect_default_group() returns trigger language plpgsql as $body$
      begin
        select m.site_id into new.site_id
          from default_group_site m left join project_site p using (project_id, site_id)
         where m.project_id = new.project_id and m.site_id is distinct from old.site_id
         order by p.project_id is null, m.follows desc nulls last, m.site_id limit 1;
        return new;
      end $body$;
    create trigger default_group_elects before update of site_id on default_group for each row
      when (new.site_id is null) execute function elect_default_group();

    create function remark_default_group() returns trigger language plpgsql as $body$
      declare
        changed text := coalesce(new.id, old.id);
      begin
        -- The trigger above says what each of them is now.
        update resource set is_copy = false where kind = 'security_group' and id = changed;
        update resource set is_copy = false where kind = 'security_group_rule' and facts->>'security_group_id' = changed;
        update resource set is_copy = false where kind = 'rbac_policy' and facts->>'object_id' = changed;
        return null;
      end $body$;
    create trigger default_group_changed after insert or update or delete on default_group for each row
      execute function remark_default_group();
  `,
};
