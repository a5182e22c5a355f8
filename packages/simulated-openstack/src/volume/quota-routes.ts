/** `/os-quota-sets`, their classes, and `/limits`. @see openstack/cinder:cinder/api/contrib/quotas.py */
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { invalidInput, notAllowed } from '@cascade/openstack-adapter/volume/refusals.js';
import { bodyUnder, integerOf } from './asked.js';
import type { Volumes } from './volumes.js';

const of = '/os-quota-sets/{project_id}';

export function quotaRoutes(volumes: Volumes): Route[] {
  const projectIn = ({ params, caller }: Asked): string => {
    const id = params['project_id'] ?? '';
    if (!caller.isAdmin && id !== caller.projectId) throw notAllowed('volume_extension:quotas:show');
    return id;
  };
  return [
    route(`GET ${of}`, 'reader', async (asked) => {
      const id = projectIn(asked);
      const limits = volumes.limitsOf(id);
      const withUse = booleanWord(asked.query.get('usage') ?? 'false') === true;
      return json(200, { quota_set: { ...(withUse ? withUsage(volumes, id, limits) : limits), id } });
    }),
    route(`GET ${of}/defaults`, 'reader', async (asked) => {
      const id = projectIn(asked);
      return json(200, { quota_set: { ...volumes.quotas.defaults(volumes.typeNames()), id } });
    }),
    route(`PUT ${of}`, 'admin', async (asked) => {
      const id = projectIn(asked);
      const given = limitsFrom(volumes, await bodyUnder(asked, 'quota_set'), 'quota set');
      requireAbove(given, volumes.usedBy(id));
      volumes.quotas.set(id, given);
      return json(200, { quota_set: volumes.limitsOf(id) });
    }),
    route(`DELETE ${of}`, 'admin', async (asked) => {
      volumes.quotas.forget(projectIn(asked));
      return noContent(200);
    }),
    route('GET /os-quota-class-sets/{name}', 'reader', async ({ params }) =>
      json(200, { quota_class_set: { ...volumes.quotas.defaults(volumes.typeNames()), id: params['name'] } }),
    ),
    route('PUT /os-quota-class-sets/{name}', 'admin', async (asked) => {
      const given = limitsFrom(volumes, await bodyUnder(asked, 'quota_class_set'), 'quota class set');
      if (asked.params['name'] === 'default') volumes.quotas.setDefaults(given);
      return json(200, { quota_class_set: volumes.quotas.defaults(volumes.typeNames()) });
    }),
    route('GET /limits', 'reader', async ({ caller, query }) => {
      const named = caller.isAdmin ? query.get('project_id') : null;
      return json(200, { limits: { rate: [], absolute: absolute(volumes, named ?? caller.projectId ?? '') } });
    }),
  ];
}

const withUsage = (volumes: Volumes, projectId: string, limits: Record<string, number>) => {
  const used = volumes.usedBy(projectId);
  const entries = Object.entries(limits).map(([name, limit]) => [
    name,
    { limit, in_use: used[name] ?? 0, reserved: 0 },
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
};

/** @throws Fault 400 */
function limitsFrom(volumes: Volumes, given: Record<string, unknown>, word: string): Record<string, number> {
  const known = volumes.quotas.defaults(volumes.typeNames());
  const { tenant_id: _tenant, id: _id, force: _force, skip_validation: _skip, ...limits } = given;
  const read = Object.entries(limits).flatMap(([name, value]) => {
    if (!Object.hasOwn(known, name)) return [];
    return [[name, integerOf(name, value, -1)] as const];
  });
  const bad = Object.keys(limits).filter((name) => !Object.hasOwn(known, name));
  if (bad.length > 0) throw invalidInput(`Bad key(s) in ${word}: ${bad.join(', ')}`);
  return Object.fromEntries(read);
}

/** @throws Fault 400 for a limit below what is used */
function requireAbove(limits: Readonly<Record<string, number>>, used: Readonly<Record<string, number>>): void {
  for (const [name, limit] of Object.entries(limits)) {
    const now = used[name] ?? 0;
    if (limit >= 0 && limit < now)
      throw new Fault(
        'bad-request',
        `Quota ${name} limit must be equal or greater than existing resources. Current usage is ${now} and the requested limit is ${limit}.`,
      );
  }
}

function absolute(volumes: Volumes, projectId: string): Record<string, number> {
  const [limits, used] = [volumes.limitsOf(projectId), volumes.usedBy(projectId)];
  return {
    maxTotalVolumes: limits['volumes']!,
    maxTotalSnapshots: limits['snapshots']!,
    maxTotalVolumeGigabytes: limits['gigabytes']!,
    maxTotalBackups: limits['backups']!,
    maxTotalBackupGigabytes: limits['backup_gigabytes']!,
    totalVolumesUsed: used['volumes'] ?? 0,
    totalGigabytesUsed: used['gigabytes'] ?? 0,
    totalSnapshotsUsed: used['snapshots'] ?? 0,
    totalBackupsUsed: used['backups'] ?? 0,
    totalBackupGigabytesUsed: used['backup_gigabytes'] ?? 0,
  };
}
