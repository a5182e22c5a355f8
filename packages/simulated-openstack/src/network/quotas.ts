/** `/quotas`. @see openstack/neutron:neutron/extensions/quotasv2.py */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { badRequest, disallowed, missing } from '@cascade/openstack-adapter/network/faults.js';
import { integer } from '@cascade/openstack-adapter/network/readers.js';
import { isLimited, usualLimits, type Limited } from './limits.js';
import type { NetworkState } from './state.js';

const names = Object.keys(usualLimits) as Limited[];

/** Limits that are of an extension exist with it. */
const aliasOf: Partial<Record<Limited, string>> = {
  router: 'router',
  floatingip: 'router',
  rbac_policy: 'rbac-policies',
  trunk: 'trunk',
  subnetpool: 'subnet_allocation',
  security_group: 'security-group',
  security_group_rule: 'security-group',
};

export function quotaRoutes(state: NetworkState): Route[] {
  const known = names.filter((name) => !aliasOf[name] || state.extensions.has(aliasOf[name]));
  const only = <T>(all: Readonly<Record<Limited, T>>) => Object.fromEntries(known.map((name) => [name, all[name]]));
  const projectOf = (asked: Asked): string => {
    const id = asked.params['project_id'] ?? '';
    if (!asked.caller.isAdmin && id !== asked.caller.projectId) throw disallowed('rule:get_quota');
    return id;
  };
  const requireAdmin = (asked: Asked, rule: string): void => {
    if (!asked.caller.isAdmin) throw disallowed(`rule:${rule}`);
  };
  return [
    route(
      'GET /quotas',
      'reader',
      async (asked) => {
        requireAdmin(asked, 'get_quota');
        const quotas = state.limits
          .projects()
          .map((id) => ({ ...only(state.limits.of(id)), project_id: id, tenant_id: id }));
        return json(200, { quotas });
      },
      { head: true },
    ),
    route(
      'GET /quotas/{project_id}',
      'reader',
      async (asked) => json(200, { quota: only(state.limits.of(projectOf(asked))) }),
      { head: true },
    ),
    route(
      'GET /quotas/{project_id}/default',
      'reader',
      async (asked) => {
        projectOf(asked);
        return json(200, { quota: only(usualLimits) });
      },
      { head: true },
    ),
    route('GET /quotas/{project_id}/details', 'reader', async (asked) => {
      const id = projectOf(asked);
      const limits = state.limits.of(id);
      const detail = (name: Limited) => ({ limit: limits[name], used: used(state, name, id), reserved: 0 });
      return json(200, { quota: Object.fromEntries(known.map((name) => [name, detail(name)])) });
    }),
    route('PUT /quotas/{project_id}', 'member', async (asked) => {
      requireAdmin(asked, 'update_quota');
      const id = asked.params['project_id'] ?? '';
      state.limits.set(id, limitsFrom((await asked.readJson())['quota'], state, id));
      return json(200, { quota: only(state.limits.of(id)) });
    }),
    route('DELETE /quotas/{project_id}', 'member', async (asked) => {
      requireAdmin(asked, 'delete_quota');
      const id = asked.params['project_id'] ?? '';
      if (state.limits.forget(id)) return noContent();
      throw missing('TenantQuotaNotFound', `Quota for tenant ${id} could not be found.`);
    }),
  ];
}

const used = (state: NetworkState, name: Limited, projectId: string): number =>
  state.tables[name].count('project_id', projectId);

/** @throws Fault 400 */
function limitsFrom(given: unknown, state: NetworkState, projectId: string): Partial<Record<Limited, number>> {
  if (!isObject(given)) throw badRequest("Unable to find 'quota' in request body");
  const { check_limit: check, force, tenant_id: _tenant, project_id: _project, ...limits } = given;
  const unknown = Object.keys(limits).filter((name) => !isLimited(name));
  if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
  const read = Object.entries(limits).map(([name, value]) => [name, integer(-1, 0x7fffffff)(value, name)] as const);
  // Since 2025.1 use is checked unless a request forces the limit, and none is no limit.
  const isUsual = state.extensions.has('quota-check-limit-default');
  const checks = isUsual ? force !== true : Boolean(check);
  for (const [name, limit] of checks ? (read as [Limited, number][]) : []) {
    const now = used(state, name, projectId);
    if (limit >= now || (isUsual && limit === -1)) continue;
    throw badRequest(
      `Quota limit ${limit} for ${name} must be greater than or equal to already used ${now}`,
      'HTTPBadRequest',
    );
  }
  return Object.fromEntries(read) as Partial<Record<Limited, number>>;
}
