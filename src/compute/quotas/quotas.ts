/** Quotas: one site checks a change and says it in its own words, the cascade keeps it and gives it to every site. */
import { isObject, tryJson } from '../../openstack/body.js';
import { Fault } from '../../openstack/faults.js';
import { bodyOf, isOk, withBody, type OpenStackResponse } from '../../openstack/message.js';
import { route, type Answer, type Asked, type Route } from '../../openstack/route.js';
import { askAll, sortOut } from '../../routing/hear.js';
import { alone } from '../../routing/alone.js';
import { callSite } from '../../routing/site-call.js';
import { askAsAdmin, speaker } from '../../routing/speaker.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { isTrue } from '../../openstack/parameter-types.js';
import { quotaClassKind, quotaId, quotaKind, reconcileQuotas, shareQuotas, type Quota } from './quota-shadows.js';

export const quotaRoutes = (world: World): Route[] => [
  route('GET /os-quota-sets/{tenant_id}', 'reader', read(world)),
  route('PUT /os-quota-sets/{tenant_id}', 'admin', writeQuota(world)),
  route('DELETE /os-quota-sets/{tenant_id}', 'admin', deleteQuota(world)),
  route('GET /os-quota-sets/{tenant_id}/defaults', 'reader', read(world)),
  route('GET /os-quota-sets/{tenant_id}/detail', 'reader', detail(world)),
  route('GET /os-quota-class-sets/{id}', 'admin', read(world)),
  route('PUT /os-quota-class-sets/{id}', 'admin', writeQuotaClass(world)),
];

interface Usage {
  limit: number;
  in_use: number;
  reserved: number;
}

/** The site that speaks for all, once it holds all that was set. */
async function informedSpeaker(world: World): Promise<Site> {
  const site = speaker(world, 'compute');
  await reconcileQuotas(world, site);
  return site;
}

const read =
  (world: World): Answer =>
  async (asked) =>
    callSite(asked, await informedSpeaker(world));

function detail(world: World): Answer {
  return async (asked) => {
    const speaking = await informedSpeaker(world);
    const { answers, refusal } = sortOut(await askAll(world, asked));
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
  return async (asked) => {
    const site = await informedSpeaker(world);
    const raw = await asked.readBody();
    const set = quotaIn(raw, 'quota_set');
    if (set && !isTrue(set['force'])) await requireRoom(world, asked, set);
    const id = quotaId(asked.params['tenant_id'] ?? '', asked.query.get('user_id'));
    return writeAndKeep(world, quotaKind, id, set, () => callSite(asked, site, { body: raw }));
  };
}

function writeQuotaClass(world: World): Answer {
  return async (asked) => {
    const site = await informedSpeaker(world);
    const raw = await asked.readBody();
    const set = quotaIn(raw, 'quota_class_set');
    const id = asked.params['id'] ?? '';
    return writeAndKeep(world, quotaClassKind, id, set, () => callSite(asked, site, { body: raw }));
  };
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

/** What one site takes is kept, in the order in which it took it, and given to all. */
async function writeAndKeep(
  world: World,
  kind: string,
  id: string,
  set: Record<string, unknown> | undefined,
  write: () => Promise<OpenStackResponse>,
): Promise<OpenStackResponse> {
  const response = await alone(world, kind, async () => {
    const answer = await write();
    if (!isOk(answer) || !set) return answer;
    const known = (await world.globals.find(kind, id))?.body['quota_set'] as Quota | undefined;
    await world.globals.put(kind, id, null, { quota_set: { ...known, ...numbersIn(set) } });
    return answer;
  });
  if (isOk(response) && set) await shareQuotas(world);
  return response;
}

function deleteQuota(world: World): Answer {
  return async (asked) => {
    const id = quotaId(asked.params['tenant_id'] ?? '', asked.query.get('user_id'));
    const response = await alone(world, quotaKind, async () => {
      const answer = await callSite(asked, speaker(world, 'compute'));
      if (!isOk(answer)) return answer;
      await world.globals.remove(quotaKind, id);
      for (const row of await world.globals.list(quotaKind))
        if (row.id.startsWith(`${id}/`)) await world.globals.remove(quotaKind, row.id);
      return answer;
    });
    // From the site that answered too: it may have been given the quota again in the meantime.
    if (isOk(response)) await shareQuotas(world);
    return response;
  };
}
