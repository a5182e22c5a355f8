/**
 * Who sees what, as Neutron's queries and its default policy decide it.
 * @see openstack/neutron-lib:neutron_lib/db/model_query.py (query_with_hooks) and openstack/neutron:neutron/conf/policies
 */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Database } from '../database/database.js';
import { condition, type Condition } from '../resources/list-query.js';

/** Access given by RBAC policies to one project. */
export interface Grants {
  readonly projectId: string;
  /** Shared with the project, or with all. */
  readonly shared: ReadonlySet<string>;
  /** External to the project: routers may have their gateway there. Not shared. */
  readonly external: ReadonlySet<string>;
}

/** The kinds of this table that RBAC policies are about. */
const objectTypes: Readonly<Record<string, string>> = {
  network: 'network',
  subnet: 'network',
  security_group: 'security_group',
};

interface Granted {
  readonly id: string;
  readonly external: boolean;
}

/**
 * What is shared with a project and is not its own. A network that says it is shared or external, and of which no policy
 * is known yet, is so for all: that is what Neutron makes of both words, and some sites have no RBAC at all.
 */
export async function grantsTo(database: Database, kind: string, projectId: string): Promise<Grants> {
  const type = objectTypes[kind];
  const shared = new Set<string>();
  const external = new Set<string>();
  if (type !== undefined) {
    const rows = await database.many<Granted>(
      `select p.facts->>'object_id' as id, p.facts->>'action' = 'access_as_external' as external
         from resource p
        where p.kind = 'rbac_policy' and p.deleted_at is null and p.facts->>'object_type' = $1
          and p.facts->>'target_tenant' in ('*', $2)
       union
       select r.id, r.facts->>'shared' is distinct from 'true'
         from resource r
        where r.kind = $1 and r.deleted_at is null
          and (r.facts->>'shared' = 'true' or r.facts->>'router:external' = 'true')
          and not exists (select 1 from resource p
                           where p.kind = 'rbac_policy' and p.site_id = r.site_id and p.deleted_at is null
                             and p.facts->>'object_id' = r.id)`,
      [type, projectId],
    );
    for (const row of rows) (row.external ? external : shared).add(row.id);
  }
  return { projectId, shared, external };
}

/** Which rows a tenant sees; undefined for an administrator, who sees all. */
export async function visibleTo(database: Database, kind: string, caller: Caller): Promise<Visibility> {
  if (caller.isAdmin) return {};
  const grants = await grantsTo(database, kind, caller.projectId ?? '');
  return { grants, where: await whereOf(database, kind, grants) };
}

export interface Visibility {
  readonly grants?: Grants;
  readonly where?: Condition;
}

async function whereOf(
  database: Database,
  kind: string,
  { projectId: own, shared, external }: Grants,
): Promise<Condition> {
  switch (kind) {
    case 'network':
      return ownOr(own, 'r.id', [...shared, ...external]);
    case 'subnet': // of a merely external network its owner alone sees them, unless a newer Neutron says that they are external
      return or(
        ownOr(own, `r.facts->>'network_id'`, [...shared]),
        condition(`r.facts->>'router:external' = 'true' and r.facts->>'network_id' = any(?)`, [...external]),
      );
    case 'security_group':
      return ownOr(own, 'r.id', [...shared]);
    case 'port': // the owner of a network sees every port on it
      return ownOr(own, `r.facts->>'network_id'`, await idsOf(database, 'network', own));
    case 'security_group_rule': // an administrator may have made rules in a tenant's group
      return ownOr(own, `r.facts->>'security_group_id'`, await idsOf(database, 'security_group', own));
    default:
      return ownOr(own, '', []);
  }
}

const ownOr = (projectId: string, column: string, ids: readonly string[]): Condition =>
  ids.length === 0
    ? condition('r.project_id = ?', projectId)
    : condition(`r.project_id = ? or ${column} = any(?)`, projectId, ids);

const or = (one: Condition, other: Condition): Condition =>
  condition(`(${one.sql}) or (${other.sql})`, ...one.values, ...other.values);

async function idsOf(database: Database, kind: string, projectId: string): Promise<string[]> {
  const rows = await database.many<{ id: string }>(
    `select id from resource where kind = $1 and project_id = $2 and deleted_at is null`,
    [kind, projectId],
  );
  return rows.map((row) => row.id);
}
