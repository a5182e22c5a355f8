/** Quotas of projects and of the class all projects are in. @see openstack/nova:nova/api/openstack/compute/quota_sets.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { boolean, isTrue } from '@cascade/openstack-protocol/compute/parameter-types.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../cloud.js';
import { usedBy } from './quota-check.js';
import { quotaNames, type Limits, type QuotaName } from './quotas.js';

const gone: Record<string, readonly QuotaName[]> = {
  '2.36': ['fixed_ips', 'floating_ips', 'networks', 'security_groups', 'security_group_rules'],
  '2.57': ['injected_files', 'injected_file_content_bytes', 'injected_file_path_bytes'],
};

/** What this microversion still knows, without what only answers of classes lack. */
function known(asked: Asked): QuotaName[] {
  const left = Object.entries(gone).flatMap(([floor, names]) => (atLeast(asked.microversion, floor) ? names : []));
  return quotaNames.filter((name) => name !== 'networks' && !left.includes(name));
}

const shown = (asked: Asked, limits: Limits): Record<string, number> =>
  Object.fromEntries(known(asked).map((name) => [name, limits[name]]));

const limit = { type: ['integer', 'string'], pattern: '^-?[0-9]+$', minimum: -1, maximum: 2147483647, minLength: 1 };

const check = (key: string) =>
  bodyCheck({
    type: 'object',
    properties: {
      [key]: {
        type: 'object',
        properties: { ...Object.fromEntries(quotaNames.map((name) => [name, limit])), force: boolean, tenant_id: {} },
        additionalProperties: false,
      },
    },
    required: [key],
    additionalProperties: false,
  });

const checkSet = check('quota_set');
const checkClass = check('quota_class_set');

export function quotaRoutes(cloud: Cloud): Route[] {
  const { quotas } = cloud;
  const one = '/os-quota-sets/{id}';
  const ofClass = '/os-quota-class-sets/{id}';
  return [
    route(`GET ${one}`, 'reader', async (asked) =>
      json(200, { quota_set: { id: mayRead(asked), ...shown(asked, quotas.of(mayRead(asked))) } }),
    ),
    route(`GET ${one}/defaults`, 'reader', async (asked) =>
      json(200, { quota_set: { id: asked.params['id'], ...shown(asked, quotas.ofClass()) } }),
    ),
    route(`GET ${one}/detail`, 'reader', async (asked) =>
      json(200, { quota_set: detail(cloud, asked, mayRead(asked)) }),
    ),
    route(`PUT ${one}`, 'admin', setQuotas(cloud)),
    route(`DELETE ${one}`, 'admin', async (asked) => {
      quotas.reset(asked.params['id'] ?? '');
      return noContent(202);
    }),
    route(`GET ${ofClass}`, 'admin', async (asked) =>
      json(200, { quota_class_set: { id: asked.params['id'], ...shown(asked, quotas.ofClass()) } }),
    ),
    route(`PUT ${ofClass}`, 'admin', async (asked) => {
      const body = await asked.readJson();
      checkClass(body);
      if (asked.params['id'] === 'default') quotas.setClass(limitsIn(asked, body['quota_class_set']));
      return json(200, { quota_class_set: shown(asked, quotas.ofClass()) });
    }),
  ];
}

/** @throws Fault 403 for a tenant who asks for another project */
function mayRead(asked: Asked): string {
  const { id = '' } = asked.params;
  if (asked.caller.isAdmin || id === asked.caller.projectId) return id;
  throw new Fault('forbidden', "Policy doesn't allow os_compute_api:os-quota-sets:show to be performed.");
}

function limitsIn(asked: Asked, given: unknown): Partial<Limits> {
  const entries = Object.entries(given as Record<string, unknown>);
  const unknown = entries.find(
    ([name]) => (quotaNames as readonly string[]).includes(name) && !known(asked).includes(name as QuotaName),
  );
  if (unknown) {
    const words = `Additional properties are not allowed ('${unknown[0]}' was unexpected)`;
    throw new Fault('bad-request', `Invalid input for field/attribute quota_set. ${words}`);
  }
  const limits = entries.filter(([name]) => (quotaNames as readonly string[]).includes(name));
  return Object.fromEntries(limits.map(([name, value]) => [name, Number(value)]));
}

function setQuotas(cloud: Cloud): Answer {
  return async (asked) => {
    const body = await asked.readJson();
    checkSet(body);
    const given = body['quota_set'] as Record<string, unknown>;
    const { id = '' } = asked.params;
    const limits = limitsIn(asked, given);
    if (!isTrue(given['force'] ?? false)) requireAboveUse(cloud, id, limits);
    cloud.quotas.set(id, limits);
    return json(200, { quota_set: shown(asked, cloud.quotas.of(id)) });
  };
}

/** @throws Fault 400 for a limit that is below what the project has */
function requireAboveUse(cloud: Cloud, projectId: string, limits: Partial<Limits>): void {
  const used = usedBy(cloud, projectId);
  for (const name of ['instances', 'cores', 'ram'] as const) {
    const wanted = limits[name];
    if (wanted === undefined || wanted < 0 || wanted >= used[name]) continue;
    const words = `Quota limit ${wanted} for ${name} must be greater than or equal to already used and reserved ${used[name]}.`;
    throw new Fault('bad-request', words);
  }
}

function detail(cloud: Cloud, asked: Asked, projectId: string): Record<string, unknown> {
  const limits = cloud.quotas.of(projectId);
  const used: Partial<Record<QuotaName, number>> = {
    ...usedBy(cloud, projectId),
    server_groups: cloud.serverGroups.of(projectId).length,
  };
  const rows = known(asked).map((name) => [name, { limit: limits[name], in_use: used[name] ?? 0, reserved: 0 }]);
  return { id: projectId, ...Object.fromEntries(rows) };
}
