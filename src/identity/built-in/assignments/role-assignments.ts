/** `GET /role_assignments`: grants as they were given, or with `effective` what they come to for each user. */
import { json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { AskedByCaller, Home, IdentityRoute } from '../asked.js';
import { row } from '../asked.js';
import { assignmentView, type Assignment } from './assignment-view.js';
import { flagOf } from '../collection/filters.js';
import { findItems, refTo, theSystem, type Item } from '../collection/items.js';
import { auditor } from '../policies.js';
import { invalid } from '../refusals.js';
const given = `
  select actor_ref as actor, target_ref as target, role_ref as role, inherited,
         null::text as via_group, null::text as via_target, null::text as via_role
    from identity_grant`;

/** Groups become their users, inherited grants the projects below, roles what they imply; a domain's roles only that. */
const effective = `
  select coalesce(m.user_ref, g.actor_ref) as actor,
         case when g.inherited then b.ref else g.target_ref end as target,
         r.ref as role, g.inherited,
         m.group_ref as via_group, case when g.inherited then g.target_ref end as via_target, r.via as via_role
    from identity_grant g
    left join identity_member m on m.group_ref = g.actor_ref
    left join below b on g.inherited and b.top = g.target_ref
    join reached r on r.start = g.role_ref
    join identity_item role on role.ref = r.ref
   where (g.actor_ref like 'user/%' or m.user_ref is not null)
     and (not g.inherited or b.ref is not null)
     and role.body->>'domain_id' is null`;

const closures = `
  below (top, ref) as (
    select coalesce(parent_ref, domain_ref), ref from identity_item where kind = 'project'
    union
    select coalesce(i.parent_ref, i.domain_ref), b.ref from below b join identity_item i on i.ref = b.top
     where i.kind = 'project'
  ), reached (start, ref, via) as (
    select ref, ref, null::text from identity_item where kind = 'role'
    union
    select r.start, i.implied_ref, i.prior_ref from reached r join identity_implied_role i on i.prior_ref = r.ref
  )`;

export const roleAssignmentRoutes: IdentityRoute[] = [
  row('GET /role_assignments', 'list_role_assignments', auditor, list),
];

async function list(home: Home, asked: AskedByCaller): Promise<OpenStackResponse> {
  const { query } = asked;
  const isEffective = isSet(query, 'effective');
  refuseUseless(query, isEffective);
  const conditions: string[] = [];
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const equal = (column: string, ref: string): void => void conditions.push(`a.${column} = ${bind(ref)}`);

  for (const kind of ['user', 'group'] as const) {
    const id = query.get(`${kind}.id`);
    if (id) equal('actor', refTo(kind, id));
  }
  const roleId = query.get('role.id');
  if (roleId) equal('role', refTo('role', roleId));
  const domainId = query.get('scope.domain.id');
  if (domainId) equal('target', refTo('domain', domainId));
  if (query.has('scope.system')) equal('target', theSystem);
  const projectId = query.get('scope.project.id');
  const subtree = isSet(query, 'include_subtree');
  if (subtree && !projectId) {
    throw invalid('scope.project.id must be specified if include_subtree is also specified');
  }
  if (projectId && subtree) {
    const ref = bind(refTo('project', projectId));
    conditions.push(`(a.target = ${ref} or a.target in (select ref from below where top = ${ref}))`);
  } else if (projectId) equal('target', refTo('project', projectId));
  const inherited = query.get('scope.OS-INHERIT:inherited_to');
  if (inherited !== null) conditions.push(`a.inherited = ${bind(inherited === 'projects')}`);

  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  const source = isEffective ? effective : given;
  const assignments = await home.database.many<Assignment>(
    `with recursive ${closures} select distinct a.* from (${source}) a ${where} order by a.actor, a.target, a.role`,
    values,
  );
  const names = isSet(query, 'include_names') ? await namesFor(home, assignments) : undefined;
  const shown = assignments.map((assignment) => assignmentView(assignment, asked, names));
  const self = `${asked.publicUrl}/identity${asked.pathAndQuery}`;
  return json(200, { role_assignments: shown, links: { next: null, self, previous: null } });
}

const isSet = (query: URLSearchParams, key: string): boolean => query.has(key) && flagOf(query.get(key) ?? '');

/** @throws Fault 400 for filters that exclude each other */
function refuseUseless(query: URLSearchParams, isEffective: boolean): void {
  const [project, domain, user, group] = ['scope.project.id', 'scope.domain.id', 'user.id', 'group.id'].map((key) =>
    Boolean(query.get(key)),
  );
  const system = query.has('scope.system');
  if (domain && project) throw invalid('Specify a domain or project, not both');
  if (domain && system) throw invalid('Specify system or domain, not both');
  if (project && system) throw invalid('Specify system or project, not both');
  if (user && group) throw invalid('Specify a user or group, not both');
  if (!isEffective) return;
  if (group) throw invalid('Combining effective and group filter will always result in an empty list.');
  if (domain && query.get('scope.OS-INHERIT:inherited_to') === 'projects') {
    throw invalid('Combining effective, domain and inherited filters will always result in an empty list.');
  }
}

/** Everything the assignments name, and the domains of that. */
async function namesFor(home: Home, assignments: readonly Assignment[]): Promise<ReadonlyMap<string, Item>> {
  const refs = new Set(assignments.flatMap(({ actor, target, role }) => [actor, target, role]));
  const items = await findItems(home.database, [...refs]);
  const domains = items.flatMap(({ body }) => (body['domain_id'] ? [refTo('domain', String(body['domain_id']))] : []));
  const all = [...items, ...(await findItems(home.database, [...new Set(domains)]))];
  return new Map(all.map((item) => [item.ref, item]));
}
