import type { Migration } from '../migrate.js';

export const homedResources: Migration = {
  number: 28,
  name: 'homed-resources',
  sql: `
    -- What is homed, from when it is first needed at another site than its home, and every project's group 'default'.
    create table homed (
      kind        text not null,
      id          text not null,                                -- what tenants know it by; never another one
      project_id  text,
      home_id     integer references site on delete set null,   -- whose words are shown
      is_default  boolean not null default false,               -- each site's Neutron makes one of these by itself
      deleting_at timestamptz,                                  -- a tombstone, until each site has confirmed
      wanted      bigint not null default 1,                    -- counts up with whatever its sites are to be brought to
      primary key (kind, id)
    );
    create unique index homed_default on homed (project_id) where is_default;
    -- Its home, and each site with a copy.
    create table homed_site (
      kind     text not null,
      id       text not null,
      site_id  integer not null references site on delete cascade,
      is_there boolean not null,            -- false from before it is asked for until its alias is written
      follows  boolean,                     -- of a group 'default': kept as the shown one; null until that is decided
      done     bigint not null default 0,   -- up to which change the site has been brought
      error    text,                        -- why the last attempt failed
      error_at timestamptz,
      failures integer not null default 0,
      retry_at timestamptz,
      primary key (kind, id, site_id),
      foreign key (kind, id) references homed on delete cascade
    );
    create index homed_site_at on homed_site (site_id);
    create index homed_site_making on homed_site (site_id, kind) where not is_there;
    -- What has changed and concerns something homed. Rows are only added, and taken away together: writers wait for nobody.
    create table homed_change (
      number bigint generated always as identity primary key,
      kind   text not null,
      id     text not null
    );

    -- Limits that a site keeps of a project, raised by as much as copies take.
    create table quota_room (
      site_id    integer not null references site on delete cascade,
      project_id text not null,
      resource   text not null,
      usual      bigint not null,   -- as it was set
      raised     bigint not null,   -- as the cascade has set it; any other that the site has was set since
      primary key (site_id, project_id, resource)
    );

    drop trigger default_group_copy on resource;
    drop trigger default_group_elects on default_group;
    drop trigger default_group_changed on default_group;
    insert into homed (kind, id, project_id, home_id, is_default)
    select 'security_group', id, project_id, site_id, true from default_group;
    insert into homed_site (kind, id, site_id, is_there, follows)
    select 'security_group', d.id, m.site_id, true, m.follows from default_group d join default_group_site m using (project_id);
    drop table default_group_site;
    drop table default_group;
    drop function mark_default_group_copy;
    drop function elect_default_group;
    drop function remark_default_group;

    create index rule_of_remote on resource ((facts->>'remote_group_id'))
      where kind = 'security_group_rule' and facts->>'remote_group_id' is not null;
    create index port_of_group on resource using gin ((facts->'security_groups')) where kind = 'port' and deleted_at is null;

    -- Whose row it is: of the group itself, of the group of a rule, of what a policy shares.
    create function homed_id_of(kind text, id text, facts jsonb) returns text language sql immutable as $body$
      select case kind when 'security_group_rule' then facts->>'security_group_id'
                       when 'rbac_policy' then facts->>'object_id'
                       else id end
    $body$;

    -- Rows of copies, and of what belongs to them, are copies: whoever stores what a site has need not know. What the cascade
    -- makes says so itself, before its alias is written and after the database was lost.
    create function mark_homed_copy() returns trigger language plpgsql as $body$
      begin
        new.is_copy := coalesce(new.facts->>'description' ~ '^cascade (copy|members) of [0-9a-f]{32}$', false)
          or exists (
            select 1 from homed h
             where h.kind in ('security_group', 'address_group') and h.id = homed_id_of(new.kind, new.id, new.facts)
               and h.home_id is distinct from new.site_id);
        -- A group 'default' that a site is just known to have made: until its alias is written a project must not be shown two.
        if not new.is_copy and new.kind = 'security_group' and new.facts->>'name' = 'default' then
          new.is_copy := exists (
            select 1 from homed h where h.is_default and h.project_id = new.project_id and h.id <> new.id);
        elsif not new.is_copy and new.kind = 'security_group_rule' then
          -- Nobody knows yet whether the group that a site is making has these.
          new.is_copy := exists (
              select 1 from resource g
               where g.kind = 'security_group' and g.id = new.facts->>'security_group_id' and g.site_id = new.site_id and g.is_copy)
            or exists (
              select 1 from homed_site m join homed h using (kind, id)
               where m.site_id = new.site_id and m.kind = 'security_group' and not m.is_there and h.project_id = new.project_id)
            and not exists (
              select 1 from resource g
               where g.kind = 'security_group' and g.id = new.facts->>'security_group_id' and g.site_id = new.site_id);
        end if;
        return new;
      end $body$;
    create trigger homed_copy before insert or update on resource for each row
      when (new.kind in ('security_group', 'security_group_rule', 'rbac_policy', 'address_group'))
      execute function mark_homed_copy();

    -- Rules may be read before their group.
    create function mark_rules_of_copy() returns trigger language plpgsql as $body$
      begin
        update resource r set is_copy = new.is_copy
         where r.kind = 'security_group_rule' and r.facts->>'security_group_id' = new.id and r.site_id = new.site_id
           and r.is_copy is distinct from new.is_copy;
        return null;
      end $body$;
    create trigger rules_of_copy after insert or update of is_copy on resource for each row
      when (new.kind = 'security_group') execute function mark_rules_of_copy();

    -- A site that is taken out leaves the project's group to another: the project's home, or the first of those that followed.
    create function elect_home() returns trigger language plpgsql as $body$
      begin
        select m.site_id into new.home_id
          from homed_site m left join project_site p on p.project_id = new.project_id and p.site_id = m.site_id
         where m.kind = new.kind and m.id = new.id and m.is_there and m.site_id is distinct from old.home_id
         order by p.project_id is null, m.follows desc nulls last, m.site_id limit 1;
        return new;
      end $body$;
    create trigger homed_elects before update of home_id on homed for each row
      when (new.home_id is null and new.is_default) execute function elect_home();

    create function remark_homed() returns trigger language plpgsql as $body$
      declare
        changed text := coalesce(new.id, old.id);
      begin
        -- The trigger above says what each of them is now.
        update resource set is_copy = false where kind in ('security_group', 'address_group') and id = changed;
        update resource set is_copy = false where kind = 'security_group_rule' and facts->>'security_group_id' = changed;
        update resource set is_copy = false where kind = 'rbac_policy' and facts->>'object_id' = changed;
        return null;
      end $body$;
    create trigger homed_changed after insert or delete or update of home_id on homed for each row
      execute function remark_homed();

    -- What feeds and requests tell of groups, their rules, policies and members is noted for whoever brings the sites to it.
    create function note_homed_change() returns trigger language plpgsql as $body$
      begin
        if tg_op = 'UPDATE' and (old.body, old.deleted_at is null) is not distinct from (new.body, new.deleted_at is null) then
          return null;
        end if;
        insert into homed_change (kind, id)
        select h.kind, h.id from homed h
         where h.kind in ('security_group', 'address_group')
           and h.id in (homed_id_of(old.kind, old.id, old.facts), homed_id_of(new.kind, new.id, new.facts),
                        new.facts->>'remote_group_id'); -- so that a group which names it is homed, too
        return null;
      end $body$;
    create trigger homed_changes after insert or update on resource for each row
      when (new.kind in ('security_group', 'security_group_rule', 'rbac_policy', 'address_group'))
      execute function note_homed_change();

    create function members_of(port resource) returns jsonb language sql immutable as $body$
      select case when port.deleted_at is null and jsonb_typeof(port.facts->'security_groups') = 'array'
                  then port.facts->'security_groups' else '[]'::jsonb end
    $body$;
    create function note_member_change() returns trigger language plpgsql as $body$
      begin
        if tg_op = 'UPDATE' and (members_of(old), old.facts->'fixed_ips', old.facts->'allowed_address_pairs')
             is not distinct from (members_of(new), new.facts->'fixed_ips', new.facts->'allowed_address_pairs') then
          return null;
        end if;
        insert into homed_change (kind, id)
        select h.kind, h.id from homed h
         where h.kind = 'security_group'
           and h.id in (select jsonb_array_elements_text(
             case tg_op when 'INSERT' then members_of(new)
                        when 'DELETE' then members_of(old)
                        else members_of(old) || members_of(new) end));
        return null;
      end $body$;
    create trigger member_changes after insert or update on resource for each row
      when (new.kind = 'port') execute function note_member_change();
    create trigger member_goes after delete on resource for each row
      when (old.kind = 'port' and old.deleted_at is null) execute function note_member_change();
  `,
};
