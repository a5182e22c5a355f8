/** Quotas: what an administrator sets holds in every zone alike; what is used is counted over all zones. */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { bodyOf, isOk, withBody, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import type { GlobalKind } from '../globals/global-kind.js';
import { speaker } from '../globals/speaker.js';
import { writeGlobal } from '../globals/write.js';
import { fanOut } from '../routing/fan-out.js';
import { callSite } from '../routing/site-call.js';
import type { World } from '../routing/world.js';
import { offered } from './extensions.js';
import { checksUse, limitsOf, networkQuotas, usualCheck } from './quota-kind.js';

type Limits = Record<string, unknown>;

/** Which of the sites answers for all: they hold the same. */
export const readQuota =
  (world: World): Answer =>
  (asked) =>
    callSite(asked, speaker(world, 'network'));

/**
 * Whether use is checked where a request does not say so is a matter of the extension, which is offered when every zone has it:
 * until then the newer zones are told not to.
 */
const unchecked: GlobalKind['translation'] = (world, site) => ({
  toGlobal: (text) => text,
  toSite: (text) => {
    const body = tryJson(Buffer.from(text));
    const quota = isObject(body) ? body['quota'] : undefined;
    if (!isObject(quota) || 'force' in quota || quota['check_limit'] || !checksUse(site) || offered(world, usualCheck))
      return text;
    return JSON.stringify({ ...(body as object), quota: { ...quota, force: true } });
  },
});

/** `PUT` and `DELETE /quotas/{project_id}`. */
export const writeQuota = (world: World): Answer =>
  writeGlobal(world, {
    service: 'network',
    lock: () => networkQuotas.kind,
    translation: unchecked,
    before: (asked) => [{ kind: networkQuotas, id: asked.params['project_id'] ?? '' }],
    changed: async (asked, _response, raw) => {
      const id = asked.params['project_id'] ?? '';
      if (asked.method === 'DELETE') return [{ kind: networkQuotas, id, body: null }];
      const known = (await world.globals.find(networkQuotas.kind, id))?.body;
      return [{ kind: networkQuotas, id, body: { ...known, ...limitsOf(tryJson(raw)) } }];
    },
  });

/** `GET /quotas/{project_id}/details`: limits of one zone, since they are the same, and use of all. */
export function quotaDetails(world: World): Answer {
  return async (asked: Asked): Promise<OpenStackResponse> => {
    const answers = (await fanOut(world, asked)).map(({ response }) => response);
    const first = answers[0]!;
    const refused = answers.find((response) => !isOk(response));
    if (refused) return refused;
    const copies = await copiesOf(world, asked.params['project_id'] ?? '');
    const details = answers.map((response) => (bodyOf(response) as { quota?: Record<string, Limits> }).quota ?? {});
    const sum = (resource: string, field: string): number =>
      details.reduce((total, quota) => total + Number(quota[resource]?.[field] ?? 0), 0);
    const quota = Object.entries(details[0] ?? {}).map(([resource, use]) => [
      resource,
      {
        ...use,
        used: Math.max(0, sum(resource, 'used') - (copies.get(resource) ?? 0)),
        reserved: sum(resource, 'reserved'),
      },
    ]);
    return withBody(first, { quota: Object.fromEntries(quota) as Record<string, Limits> });
  };
}

/** How many there are of a project that are one to tenants and are another one's in each site: each is used once. */
async function copiesOf(world: World, projectId: string): Promise<Map<string, number>> {
  const answering = world.sites.answering('network').map((site) => site.id);
  const rows = await world.database.many<{ kind: string; count: number }>(
    `select kind, count(*) as count from resource
      where project_id = $1 and kind in ('security_group', 'security_group_rule', 'rbac_policy')
        and is_copy and deleted_at is null and site_id = any($2) group by kind`,
    [projectId, answering],
  );
  return new Map(rows.map(({ kind, count }) => [kind, Number(count)]));
}
