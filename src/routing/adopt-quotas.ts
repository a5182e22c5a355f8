/** Projects' quotas, taken over from a site by a cascade that knows of none: Nova and Cinder answer alike. */
import { askAsAdmin } from './speaker.js';
import type { World } from './world.js';
import type { Site } from '../sites/site.js';

export type QuotaSet = Readonly<Record<string, number>>;

/** The quotas of one service. */
export interface QuotaSets {
  readonly service: 'compute' | 'volume';
  /** The global resource's kind; known by the project's id. */
  readonly kind: string;
  /** Keeps what a site holds for a project. False where another quota of the project is known by now. */
  readonly keep: (world: World, site: Site, projectId: string, set: QuotaSet) => Promise<boolean>;
}

/** @returns how many of the projects had a quota of their own, and no other is known */
export async function adoptQuotaSets(
  world: World,
  site: Site,
  projectIds: readonly string[],
  { service, kind, keep }: QuotaSets,
): Promise<number> {
  let adopted = 0;
  let usual: QuotaSet | undefined;
  for (const projectId of projectIds) {
    if (await world.globals.find(kind, projectId)) continue;
    const path = `/os-quota-sets/${encodeURIComponent(projectId)}`;
    usual ??= await quotaAt(site, service, `${path}/defaults`); // the same for every project
    const own = await quotaAt(site, service, path);
    const differs = ([name, limit]: [string, number]) => usual?.[name] !== undefined && limit !== usual[name];
    const set = Object.fromEntries(Object.entries(own).filter(differs));
    if (Object.keys(set).length > 0 && (await keep(world, site, projectId, set))) adopted += 1;
  }
  return adopted;
}

/** Limits alone, without the project's id. */
async function quotaAt(site: Site, service: QuotaSets['service'], path: string): Promise<QuotaSet> {
  const { body } = await askAsAdmin(site, service, 'GET', path);
  const set = Object.entries((body['quota_set'] ?? {}) as Record<string, unknown>);
  return Object.fromEntries(set.filter((entry): entry is [string, number] => Number.isInteger(entry[1])));
}
