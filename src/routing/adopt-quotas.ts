/** Projects' quotas, taken over from a site by a cascade that knows of none: Nova and Cinder answer alike. */
import pLimit from 'p-limit';
import { Fault } from '../openstack/faults.js';
import type { ServiceName } from '../openstack/service.js';
import { askAsAdmin, faultWords } from './speaker.js';
import type { Version } from '../resources/global.js';
import type { World } from './world.js';
import type { Site } from '../sites/site.js';

export type QuotaSet = Readonly<Record<string, number>>;

/** The quotas of one service. */
export interface QuotaSets {
  readonly service: 'compute' | 'volume';
  /** The global resource's kind; known by the project's id. */
  readonly kind: string;
  /** Keeps what a site holds for a project. False where another quota of the project is known by now. */
  readonly keep: (world: World, site: Site, projectId: string, set: QuotaSet, readAt: Version) => Promise<boolean>;
}

/** Questions on their way to a site: enough that it never waits for us, few beside its tenants'. */
const askedAtOnce = 4;

/**
 * @returns how many of the projects had a quota of their own, and no other is known
 * @throws SiteUnreachable, and Fault 503 where the site answers, but does not tell
 */
export async function adoptQuotaSets(
  world: World,
  site: Site,
  projectIds: readonly string[],
  { service, kind, keep }: QuotaSets,
): Promise<number> {
  const turn = pLimit(askedAtOnce);
  let usual: Promise<QuotaSet> | undefined;
  const adopt = async (projectId: string): Promise<boolean> => {
    const readAt = await world.globals.version();
    if (await world.globals.find(kind, projectId)) return false;
    const path = `/os-quota-sets/${encodeURIComponent(projectId)}`;
    const own = await quotaAt(site, service, path);
    if (Object.keys(own).length === 0) return false; // nor would a project that is gone tell the defaults
    const defaults = await (usual ??= quotaAt(site, service, `${path}/defaults`)); // the same for every project
    const differs = ([name, limit]: [string, number]) => defaults[name] !== undefined && limit !== defaults[name];
    const set = Object.fromEntries(Object.entries(own).filter(differs));
    return Object.keys(set).length > 0 && keep(world, site, projectId, set, readAt);
  };
  const adopted = await Promise.all(projectIds.map((projectId) => turn(() => adopt(projectId))));
  return adopted.filter(Boolean).length;
}

/** Limits alone, without the project's id. None where the site's Keystone has no such project. */
async function quotaAt(site: Site, service: QuotaSets['service'], path: string): Promise<QuotaSet> {
  const { status, body } = await askAsAdmin(site, service, 'GET', path);
  // Nova asks Keystone about the project, and says 400 to one that is gone: openstack/nova nova/api/openstack/identity.py
  if (status === 400 || status === 404) return {};
  if (status !== 200) throw quotasUntold(site, service, status, body);
  const set = Object.entries((body['quota_set'] ?? {}) as Record<string, unknown>);
  return Object.fromEntries(set.filter((entry): entry is [string, number] => Number.isInteger(entry[1])));
}

/** The site answers, but not with its quotas. What it says goes to the log. */
export const quotasUntold = (site: Site, service: ServiceName, status: number, body: Record<string, unknown>): Fault =>
  new Fault('unavailable', `Availability zone ${site.name} does not tell its ${service} quotas.`, {
    reason: `${status}: ${faultWords(body)}`,
  });
