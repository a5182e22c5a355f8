/** Quotas: one site checks a change and says it in its own words, the cascade keeps it and gives it to every site. */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, withBody } from '@cascade/openstack-protocol/message.js';
import { isTrue } from '@cascade/openstack-protocol/compute/parameter-types.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { GlobalKind } from '../../globals/global-kind.js';
import { catchUpSite } from '../../globals/reconcile.js';
import { speaker } from '../../globals/speaker.js';
import { writeGlobal, type Subject } from '../../globals/write.js';
import { askAsAdmin } from '../../routing/ask-as-admin.js';
import { fanOut, answersOrRefusal } from '../../routing/fan-out.js';
import { callSite } from '../../routing/site-call.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { computeQuotaClasses, computeQuotas, quotaId, type Quota } from './quota-kinds.js';

export const quotaRoutes = (world: World): Route[] => [
  route('GET /os-quota-sets/{tenant_id}', 'reader', read(world)),
  route('PUT /os-quota-sets/{tenant_id}', 'admin', writeQuota(world)),
  route('DELETE /os-quota-sets/{tenant_id}', 'admin', deleteQuota(world)),
  route('GET /os-quota-sets/{tenant_id}/defaults', 'reader', read(world)),
  route('GET /os-quota-sets/{tenant_id}/detail', 'reader', detail(world)),
  route('GET /os-quota-class-sets/{id}', 'admin', read(world)),
  route('PUT /os-quota-class-sets/{id}', 'admin', writeQuotaClass(world)),
];

const kinds = [computeQuotas, computeQuotaClasses];

interface Usage {
  limit: number;
  in_use: number;
  reserved: number;
}

/** The site that speaks for all, once it holds all that was set. */
export async function quotaSpeaker(world: World): Promise<Site> {
  const site = speaker(world, 'compute');
  await catchUpSite(world, site, kinds);
  return site;
}

const read =
  (world: World): Answer =>
  async (asked) =>
    callSite(asked, await quotaSpeaker(world));

function detail(world: World): Answer {
  return async (asked) => {
    const speaking = await quotaSpeaker(world);
    const { answers, refusal } = answersOrRefusal(await fanOut(world, asked));
    if (refusal) return refusal;
    const answer = (answers.find(({ site }) => site === speaking) ?? answers[0]!).response;
    const quota = (bodyOf(answer) as { quota_set: Record<string, Usage> }).quota_set;
    const sets = answers.map(({ response }) => (bodyOf(response) as { quota_set: Record<string, Usage> }).quota_set);
    const summed = addUp(quota, sets);
    await countGroups(world, summed, asked.params['tenant_id'] ?? '');
    return withBody(answer, { quota_set: summed });
  };
}

/** The limits of one site with what is used at all. */
function addUp(quota: Record<string, Usage>, sets: readonly Record<string, Usage>[]): Record<string, Usage> {
  const of = (resource: string, key: 'in_use' | 'reserved') =>
    sets.reduce((sum, set) => sum + (set[resource]?.[key] ?? 0), 0);
  const summed = Object.entries(quota).map(([resource, usage]) =>
    typeof usage === 'object'
      ? [resource, { ...usage, in_use: of(resource, 'in_use'), reserved: of(resource, 'reserved') }]
      : [resource, usage],
  );
  return Object.fromEntries(summed) as Record<string, Usage>;
}

/** A server group is one, however many sites have a shadow of it. */
async function countGroups(world: World, quota: Record<string, Usage>, projectId: string): Promise<void> {
  const groups = quota['server_groups'];
  if (groups) groups.in_use = (await world.globals.list('server_group', projectId)).length;
}

function writeQuota(world: World): Answer {
  const write = writeGlobal(world, {
    service: 'compute',
    lock: () => computeQuotas.kind,
    speaker: () => ({ kinds: kinds.map(({ kind }) => kind) }),
    before: (asked) => [{ kind: computeQuotas, id: idIn(asked) }],
    changed: (asked, _response, raw) => merged(world, computeQuotas, idIn(asked), quotaIn(raw, 'quota_set')),
  });
  return async (asked) => {
    const raw = await asked.readBody();
    const set = quotaIn(raw, 'quota_set');
    if (set && !isTrue(set['force'])) await requireRoom(world, asked, set);
    return write({ ...asked, readBody: () => Promise.resolve(raw) });
  };
}

const writeQuotaClass = (world: World): Answer =>
  writeGlobal(world, {
    service: 'compute',
    lock: () => computeQuotaClasses.kind,
    speaker: () => ({ kinds: kinds.map(({ kind }) => kind) }),
    before: (asked) => [{ kind: computeQuotaClasses, id: asked.params['id'] ?? '' }],
    changed: (asked, _response, raw) =>
      merged(world, computeQuotaClasses, asked.params['id'] ?? '', quotaIn(raw, 'quota_class_set')),
  });

const deleteQuota = (world: World): Answer =>
  writeGlobal(world, {
    service: 'compute',
    lock: () => computeQuotas.kind,
    before: (asked) => [{ kind: computeQuotas, id: idIn(asked) }],
    changed: async (asked) => {
      const id = idIn(asked);
      const all = await world.globals.list(computeQuotas.kind);
      const ids = [...all.map((row) => row.id).filter((other) => computeQuotas.contains?.(id, other)), id];
      return ids.map((one) => ({ kind: computeQuotas, id: one, body: null }));
    },
  });

const idIn = (asked: Asked): string => quotaId(asked.params['tenant_id'] ?? '', asked.query.get('user_id'));

/** What was set before and what is set now, one over the other. */
async function merged(
  world: World,
  kind: GlobalKind,
  id: string,
  set: Record<string, unknown> | undefined,
): Promise<Subject[]> {
  if (!set) return [];
  const known = (await world.globals.find(kind.kind, id))?.body;
  return [{ kind, id, body: { ...known, ...numbersIn(set) } }];
}

function quotaIn(raw: Buffer, key: string): Record<string, unknown> | undefined {
  const body = tryJson(raw);
  const set = isObject(body) ? body[key] : undefined;
  return isObject(set) ? set : undefined;
}

/** Numbers, some of them sent as strings; an empty value changes nothing. */
const numbersIn = (set: Record<string, unknown>): Quota =>
  Object.fromEntries(
    Object.entries(set)
      .filter(
        ([resource, value]) =>
          resource !== 'force' && value !== null && value !== '' && Number.isInteger(Number(value)),
      )
      .map(([resource, value]) => [resource, Number(value)]),
  );

/** A site compares a limit with what is used there; here it is compared with the sum. @throws Fault 400 in Nova's words */
async function requireRoom(world: World, asked: Asked, set: Record<string, unknown>): Promise<void> {
  const sites = world.sites.answering('compute');
  if (sites.length < 2) return;
  const userId = asked.query.get('user_id');
  const path = `/os-quota-sets/${encodeURIComponent(asked.params['tenant_id'] ?? '')}/detail`;
  const query = userId ? `user_id=${encodeURIComponent(userId)}` : '';
  const answers = await Promise.all(
    sites.map((site) => askAsAdmin(site, 'compute', 'GET', path, { query }).catch(() => undefined)),
  );
  const sets = answers.flatMap((answer) =>
    answer?.status === 200 ? [answer.body['quota_set'] as Record<string, Usage>] : [],
  );
  for (const [resource, limit] of Object.entries(numbersIn(set))) {
    const used = sets.reduce((sum, one) => sum + (one[resource]?.in_use ?? 0), 0);
    if (limit < 0 || limit >= used || resource === 'server_groups') continue;
    const words = `Quota limit ${limit} for ${resource} must be greater than or equal to already used and reserved ${used}.`;
    throw new Fault('bad-request', words);
  }
}
