import type { Migration } from '../migrate.js';

export const identity: Migration = {
  number: 6,
  name: 'identity',
  sql: `
    -- The built-in identity: domains, projects, users, groups, roles, services … one row each, as the API shows them.
    -- What a row refers to is read from its body, so that nothing outlives what it belongs to.
    create table identity_item (
      ref         text primary key,         -- kind/id: ids of regions and services are their makers' choice
      kind        text not null,
      id          text not null,
      number      bigint generated always as identity unique,   -- lists are in this order
      unique_key  text,                     -- what no other of its kind may have, a user's domain and name
      body        jsonb not null,
      secret      text,                     -- a password's or secret's scrypt hash with its salt and costs
      domain_ref  text generated always as (case when kind in ('project', 'user', 'group', 'role')
                    then 'domain/' || (body->>'domain_id') end) stored
                  references identity_item (ref) on delete cascade,
      -- A project's parent, checked when the transaction ends: a domain takes its whole tree with it at once.
      parent_ref  text generated always as (case
                    when kind = 'project' and body->>'parent_id' <> body->>'domain_id' then 'project/' || (body->>'parent_id')
                    when kind = 'region' then 'region/' || (body->>'parent_region_id') end) stored
                  references identity_item (ref) deferrable initially deferred,
      user_ref    text generated always as (case kind
                    when 'application_credential' then 'user/' || (body->>'user_id')
                    when 'access_rule' then 'user/' || (body->>'user_id')
                    when 'trust' then 'user/' || (body->>'trustor_user_id') end) stored
                  references identity_item (ref) on delete cascade,
      trustee_ref text generated always as (case kind
                    when 'trust' then 'user/' || (body->>'trustee_user_id') end) stored
                  references identity_item (ref) on delete cascade,
      project_ref text generated always as (case when kind in ('application_credential', 'trust')
                    then 'project/' || (body->>'project_id') end) stored
                  references identity_item (ref) on delete cascade,
      service_ref text generated always as (case kind when 'endpoint' then 'service/' || (body->>'service_id') end) stored
                  references identity_item (ref) on delete cascade,
      region_ref  text generated always as (case kind when 'endpoint' then 'region/' || (body->>'region_id') end) stored
                  references identity_item (ref) deferrable initially deferred,
      unique (kind, unique_key)
    );
    create index identity_item_kind on identity_item (kind, number);
    create index identity_item_name on identity_item (kind, (body->>'name'));
    create index identity_item_domain on identity_item (domain_ref) where domain_ref is not null;
    create index identity_item_parent on identity_item (parent_ref) where parent_ref is not null;
    create index identity_item_above on identity_item ((coalesce(parent_ref, domain_ref))) where kind = 'project';
    create index identity_item_user on identity_item (user_ref) where user_ref is not null;
    create index identity_item_trustee on identity_item (trustee_ref) where trustee_ref is not null;
    create index identity_item_project on identity_item (project_ref) where project_ref is not null;
    create index identity_item_service on identity_item (service_ref) where service_ref is not null;
    create index identity_item_region on identity_item (region_ref) where region_ref is not null;
    insert into identity_item (ref, kind, id, body) values ('system/all', 'system', 'all', '{}');

    create table identity_member (
      group_ref text not null references identity_item (ref) on delete cascade,
      user_ref  text not null references identity_item (ref) on delete cascade,
      primary key (user_ref, group_ref)
    );
    create index identity_member_group on identity_member (group_ref);

    create table identity_grant (
      actor_ref  text not null references identity_item (ref) on delete cascade,   -- a user or a group
      target_ref text not null references identity_item (ref) on delete cascade,   -- a project, a domain, the system
      role_ref   text not null references identity_item (ref) on delete cascade,
      inherited  boolean not null,          -- means the projects below the target, not the target
      primary key (actor_ref, target_ref, role_ref, inherited)
    );
    create index identity_grant_target on identity_grant (target_ref);
    create index identity_grant_role on identity_grant (role_ref);

    create table identity_implied_role (
      prior_ref   text not null references identity_item (ref) on delete cascade,
      implied_ref text not null references identity_item (ref) on delete cascade,
      primary key (prior_ref, implied_ref)
    );
    create index identity_implied_role_implied on identity_implied_role (implied_ref);

    create table identity_token (
      digest          text primary key,     -- SHA-256 of the token, base64; the token itself is nowhere
      user_ref        text not null references identity_item (ref) on delete cascade,
      target_ref      text references identity_item (ref) on delete cascade,        -- null: unscoped
      delegation_ref  text references identity_item (ref) on delete cascade,        -- a trust or an application credential
      methods         text[] not null,
      audit_id        text not null,
      first_audit_id  text,                 -- of the token that a chain of rescoped ones began with
      issued_at       timestamptz not null,
      expires_at      timestamptz not null
    );
    create index identity_token_user on identity_token (user_ref);
    create index identity_token_target on identity_token (target_ref) where target_ref is not null;
    create index identity_token_delegation on identity_token (delegation_ref) where delegation_ref is not null;
    create index identity_token_expires on identity_token (expires_at);

    -- Roles that a user has on a target: granted, by membership, inherited from above, and implied by those.
    create function identity_roles(who text, target text) returns setof text language sql stable as $$
      with recursive actor (ref) as (
        select who union all select group_ref from identity_member where user_ref = who
      ), above (ref) as (
        select coalesce(parent_ref, domain_ref) from identity_item where ref = target
        union
        select coalesce(i.parent_ref, i.domain_ref) from identity_item i join above on i.ref = above.ref
      ), role (ref) as (
        select g.role_ref from identity_grant g
         where g.actor_ref in (select ref from actor)
           and (g.target_ref = target and not g.inherited or g.inherited and g.target_ref in (select ref from above))
        union
        select i.implied_ref from identity_implied_role i join role on i.prior_ref = role.ref
      )
      select ref from role
    $$;

    -- Projects, domains and the system, on which a user has any role: what identity_roles says, from the grants' side.
    create function identity_reach(who text) returns setof text language sql stable as $$
      with recursive given as (
        select target_ref, inherited from identity_grant
         where actor_ref in (select who union all select group_ref from identity_member where user_ref = who)
      ), below (ref) as (
        select i.ref from identity_item i join given g on g.inherited and coalesce(i.parent_ref, i.domain_ref) = g.target_ref
         where i.kind = 'project'
        union
        select i.ref from identity_item i join below b on i.parent_ref = b.ref where i.kind = 'project'
      )
      select target_ref from given where not inherited union select ref from below
    $$;
  `,
};
