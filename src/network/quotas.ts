/** Quotas: what an administrator sets holds in every zone alike; what is used is counted over all zones. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { bodyOf, isOk, withBody, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import type { GlobalKind } from '../globals/global-kind.js';
import { speaker } from '../globals/speaker.js';
import { writeGlobal } from '../globals/write.js';
import { answeringSites, fanOut, fanOutTo } from '../routing/fan-out.js';
import { callSite } from '../routing/site-call.js';
import type { World } from '../routing/world.js';
import { offered } from './extensions.js';
import { checksUse, limitsOf, networkQuotas, usualCheck } from './quota-kind.js';
import { QuotaRoom } from './quota-room.js';

type Limits = Record<string, unknown>;

/** Which of the sites answers for all: they hold the same. */
export const readQuota =
  (world: World): Answer =>
  async (asked) => {
    const site = speaker(world, 'network');
    const response = await callSite(asked, site);
    const body = isOk(response) ? bodyOf(response) : undefined;
    if (!isObject(body)) return response;
    const usual = await new QuotaRoom(world.database).usualAt(site);
    const asSet = (quota: Limits): Limits =>
      usual(String(quota['project_id'] ?? quota['tenant_id'] ?? asked.params['project_id']), quota);
    if (isObject(body['quota'])) return withBody(response, { quota: asSet(body['quota']) });
    const quotas = body['quotas'];
    return Array.isArray(quotas) ? withBody(response, { quotas: quotas.filter(isObject).map(asSet) }) : response;
  };

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

/**
 * Where use is checked, that of every zone is: the site that is asked knows its own alone. Who is no administrator hears that
 * from the site.
 * @throws Fault 400 @see openstack/neutron:neutron/extensions/quotasv2.py update
 */
async function requireEnough(world: World, asked: Asked, raw: Buffer): Promise<void> {
  const body = tryJson(raw);
  const quota = isObject(body) ? body['quota'] : undefined;
  if (asked.method !== 'PUT' || !asked.caller.isAdmin || !isObject(quota)) return;
  const isChecked = quota['check_limit'] === true || (offered(world, usualCheck) && quota['force'] !== true);
  if (!isChecked) return;
  const path = `/quotas/${encodeURIComponent(asked.params['project_id'] ?? '')}/details`;
  const answers = await fanOutTo({ ...asked, method: 'GET' }, answeringSites(world, 'network'), { path, query: '' });
  const details = answers.flatMap(({ response }) => (isOk(response) ? [detailsIn(response)] : []));
  for (const [name, limit] of Object.entries(limitsOf(body))) {
    const used = Math.max(0, ...details.map((each) => Number(each[name]?.['used'] ?? 0)));
    if (limit === -1 || !(used > Number(limit))) continue;
    const words = `Quota limit ${Number(limit)} for ${name} must be greater than or equal to already used ${used}`;
    throw new Fault('bad-request', words, { type: 'HTTPBadRequest' });
  }
}

const detailsIn = (response: OpenStackResponse): Record<string, Limits> =>
  (bodyOf(response) as { quota?: Record<string, Limits> } | undefined)?.quota ?? {};

/** `PUT` and `DELETE /quotas/{project_id}`. */
export function writeQuota(world: World): Answer {
  const write = writeChecked(world);
  return async (asked) => {
    const raw = await asked.readBody();
    await requireEnough(world, asked, raw);
    return write({ ...asked, readBody: () => Promise.resolve(raw) });
  };
}

const writeChecked = (world: World): Answer =>
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
    const asOf = await fanOut(world, asked);
    const answers = asOf.map(({ response }) => response);
    const first = answers[0]!;
    const refused = answers.find((response) => !isOk(response));
    if (refused) return refused;
    const projectId = asked.params['project_id'] ?? '';
    const copies = await copiesOf(world, projectId);
    const details = answers.map(detailsIn);
    const usual = await new QuotaRoom(world.database).usualAt(asOf[0]!.site, projectId);
    const limits = usual(
      projectId,
      Object.fromEntries(Object.entries(details[0] ?? {}).map(([name, use]) => [name, use['limit']])),
    );
    const sum = (resource: string, field: string): number =>
      details.reduce((total, quota) => total + Number(quota[resource]?.[field] ?? 0), 0);
    const quota = Object.entries(details[0] ?? {}).map(([resource, use]) => [
      resource,
      {
        ...use,
        limit: limits[resource],
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
