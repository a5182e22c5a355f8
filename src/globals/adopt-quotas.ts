/**
 * Quotas come back from a site: a cascade that lost its database asks the site that speaks what it holds for each project,
 * which is what the cascade once gave to all of them. What is no other than the site's default was never set.
 */
import pLimit from 'p-limit';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { Body } from '../resources/kind.js';
import { askAsAdmin, faultWords } from '../routing/ask-as-admin.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import type { GlobalKind } from './global-kind.js';
import { lockOf, withLock } from './lock.js';

/** The quotas of one service. */
export interface QuotaSource {
  readonly kind: GlobalKind;
  /**
   * What a site holds for a project, without what is its default; undefined for nothing, and for a project that is gone.
   * @throws SiteUnreachable, and Fault 503 where the site answers, but does not tell
   */
  readonly ownLimits: (site: Site) => (projectId: string) => Promise<Body | undefined>;
}

/** Requests under way at a site: enough that it never waits for us, few beside its tenants'. */
const askedAtOnce = 4;

/**
 * @returns how many of the projects had a quota of their own, and no other is known
 * @throws SiteUnreachable, and Fault 503 where the site answers, but does not tell
 */
export async function adoptQuotasOf(
  world: World,
  site: Site,
  { kind, ownLimits }: QuotaSource,
  projectIds: readonly string[],
): Promise<number> {
  const turn = pLimit(askedAtOnce);
  const limitsOf = ownLimits(site);
  const adopt = async (projectId: string): Promise<boolean> => {
    const readAt = await world.globals.version();
    if (await world.globals.find(kind.kind, projectId)) return false;
    const limits = await limitsOf(projectId);
    if (!limits) return false;
    return withLock(world, lockOf(kind, projectId), async () => {
      if (await world.globals.find(kind.kind, projectId)) return false;
      if (!(await world.globals.put(kind.kind, projectId, null, limits, { readAt }))) return false;
      await world.globals.putShadow(kind.kind, projectId, site.id, limits);
      return true;
    });
  };
  const adopted = await Promise.all(projectIds.map((projectId) => turn(() => adopt(projectId))));
  return adopted.filter(Boolean).length;
}

/** `os-quota-sets`, of which Nova and Cinder tell alike: of one project at a time. */
export const ownQuotaSets =
  (service: 'compute' | 'volume'): QuotaSource['ownLimits'] =>
  (site) => {
    let usual: Promise<Record<string, number>> | undefined;
    return async (projectId) => {
      const path = `/os-quota-sets/${encodeURIComponent(projectId)}`;
      const own = await quotaSetAt(site, service, path);
      if (Object.keys(own).length === 0) return undefined; // nor would a project that is gone tell the defaults
      const defaults = await (usual ??= quotaSetAt(site, service, `${path}/defaults`)); // the same for every project
      return differing(own, defaults);
    };
  };

/** Limits that are others than the defaults. */
export function differing(own: Body, defaults: Body): Body | undefined {
  const limits = Object.entries(own).filter(([name, limit]) => name in defaults && limit !== defaults[name]);
  return limits.length === 0 ? undefined : Object.fromEntries(limits);
}

/** Limits alone, without the project's id. None where the site's Keystone has no such project. */
async function quotaSetAt(site: Site, service: ServiceName, path: string): Promise<Record<string, number>> {
  const { status, body } = await askAsAdmin(site, service, 'GET', path);
  // Nova asks Keystone about the project, and says 400 to one that is gone: openstack/nova nova/api/openstack/identity.py
  if (status === 400 || status === 404) return {};
  if (status !== 200) throw quotasUntold(site, service, status, body);
  const set = Object.entries((body['quota_set'] ?? {}) as Record<string, unknown>);
  return Object.fromEntries(set.filter((entry): entry is [string, number] => Number.isInteger(entry[1])));
}

/** The site answers, but not with its quotas. What it says goes to the log. */
export const quotasUntold = (site: Site, service: ServiceName, status: number, body: Body): Fault =>
  new Fault('unavailable', `Availability zone ${site.name} does not tell its ${service} quotas.`, {
    reason: `${status}: ${faultWords(body)}`,
  });
