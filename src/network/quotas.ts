/**
 * Quotas: what an administrator sets holds in every zone alike. The cascade remembers it and brings sites that were
 * silent, or were added later, to the same; what is used is counted over all zones.
 */
import { isObject, tryJson } from '../openstack/body.js';
import { bodyOf, isOk, withBody, type OpenStackResponse } from '../openstack/message.js';
import type { Answer, Asked } from '../openstack/route.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { quotasUntold } from '../routing/adopt-quotas.js';
import { alone } from '../routing/alone.js';
import { askAll } from '../routing/hear.js';
import { callSite } from '../routing/site-call.js';
import { askAsAdmin, faultWords, speaker } from '../routing/speaker.js';
import type { World } from '../routing/world.js';

export const quotaKind = 'network_quota';

/** Limits by resource name; -1 is none. */
type Limits = Record<string, unknown>;

/** What the cascade remembers of a project: limits that were set, or null where they were reset to the sites' defaults. */
interface Remembered {
  readonly limits: Limits | null;
}

/** Which of the sites answers for all: they hold the same. */
export const readQuota =
  (world: World): Answer =>
  (asked) =>
    callSite(asked, speaker(world, 'network'));

/** `PUT` and `DELETE /quotas/{project_id}`. The first site's answer is the answer; the others are given the same. */
export function writeQuota(world: World): Answer {
  return async (asked) => {
    const projectId = asked.params['project_id'] ?? '';
    const raw = await asked.readBody();
    const first = speaker(world, 'network');
    // In the order in which the site took them: a limit that was set before all were reset must not come after that.
    const { response, limits } = await alone(world, quotaKind, async () => {
      const answer = await callSite(asked, first, { body: raw });
      if (!isOk(answer)) return { response: answer, limits: null };
      const kept = asked.method === 'DELETE' ? null : await mergedLimits(world, projectId, limitsOf(tryJson(raw)));
      await world.globals.put(quotaKind, projectId, projectId, { limits: kept } satisfies Remembered);
      return { response: answer, limits: kept };
    });
    if (!isOk(response)) return response;
    const others = world.sites.answering('network').filter((site) => site.id !== first.id);
    await Promise.all(others.map((site) => push(world, site, projectId, limits)));
    return response;
  };
}

const limitsOf = (body: unknown): Limits => {
  const quota = isObject(body) ? body['quota'] : undefined;
  if (!isObject(quota)) return {};
  // Whether use is checked is a matter of the one request; whose quota it is stands in the path.
  const { check_limit: _check, force: _force, tenant_id: _tenant, project_id: _project, ...limits } = quota;
  return limits;
};

async function mergedLimits(world: World, projectId: string, given: Limits): Promise<Limits> {
  const known = (await world.globals.find(quotaKind, projectId))?.body as Remembered | undefined;
  return { ...known?.limits, ...given };
}

/** A site that is silent or refuses is brought to the same later, by `reconcileNetworkQuotas`. */
async function push(world: World, site: Site, projectId: string, limits: Limits | null): Promise<void> {
  const path = `/quotas/${encodeURIComponent(projectId)}`;
  try {
    const { status, body } =
      limits === null
        ? await askAsAdmin(site, 'network', 'DELETE', path)
        : await askAsAdmin(site, 'network', 'PUT', path, { body: { quota: limits } });
    if (status < 300 || (limits === null && status === 404)) return;
    const event = { event: 'quota.refused', site: site.name, projectId, status, reason: faultWords(body) };
    world.log.warn(event, 'a zone refuses the network quota that holds in the others');
  } catch (error) {
    if (!(error instanceof SiteUnreachable)) throw error;
  }
}

/** Brings one site to what the cascade remembers. One request where nothing is to be done. @throws SiteUnreachable */
export async function reconcileNetworkQuotas(world: World, site: Site): Promise<void> {
  const wanted = await world.globals.list(quotaKind);
  if (wanted.length === 0) return;
  const { status, body } = await askAsAdmin(site, 'network', 'GET', '/quotas');
  if (status !== 200 || !Array.isArray(body['quotas'])) return;
  const held = new Map<unknown, Limits>();
  for (const quota of body['quotas'] as Limits[]) held.set(quota['project_id'] ?? quota['tenant_id'], quota);
  for (const row of wanted) {
    const { limits } = row.body as unknown as Remembered;
    const there = held.get(row.id);
    const differs = limits
      ? !there || Object.entries(limits).some(([name, limit]) => Number(there[name]) !== Number(limit))
      : there;
    if (differs) await push(world, site, row.id, limits);
  }
}

/**
 * Takes over from a site what it holds for some projects, by a cascade that knows of nothing. Neutron lists the projects
 * that have limits of their own.
 * @returns how many of them had, and no others are known
 * @throws SiteUnreachable, and Fault 503 where the site answers, but does not tell
 */
export async function adoptNetworkQuotas(world: World, site: Site, projectIds: readonly string[]): Promise<number> {
  const readAt = await world.globals.version();
  const { status, body } = await askAsAdmin(site, 'network', 'GET', '/quotas');
  if (status === 404) return 0; // a Neutron without the extension has one quota for all
  if (status !== 200) throw quotasUntold(site, 'network', status, body);
  let adopted = 0;
  for (const quota of (body['quotas'] ?? []) as Limits[]) {
    const projectId = String(quota['project_id'] ?? quota['tenant_id']);
    if (!projectIds.includes(projectId) || (await world.globals.find(quotaKind, projectId))) continue;
    const usual = await limitsAt(site, `/quotas/${encodeURIComponent(projectId)}/default`);
    const limits = Object.entries(limitsOf({ quota })).filter(
      ([name, limit]) => name in usual && limit !== usual[name],
    );
    if (limits.length === 0) continue;
    const remembered: Remembered = { limits: Object.fromEntries(limits) };
    // What was reset or set since stays as it is.
    await world.globals.put(quotaKind, projectId, projectId, { ...remembered }, readAt);
    adopted += 1;
  }
  return adopted;
}

async function limitsAt(site: Site, path: string): Promise<Limits> {
  const { status, body } = await askAsAdmin(site, 'network', 'GET', path);
  return status === 200 ? limitsOf(body) : {};
}

/** `GET /quotas/{project_id}/details`: limits of one zone, since they are the same, and use of all. */
export function quotaDetails(world: World): Answer {
  return async (asked: Asked): Promise<OpenStackResponse> => {
    const answers = (await askAll(world, asked)).map(({ response }) => response);
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
