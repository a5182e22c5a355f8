/**
 * Writes to global resources: one site speaks for all. The tenant's request goes to it, so that its validation and its words
 * are the tenant's answer; what it then holds is read back and becomes what the cascade holds, to which the others converge.
 */
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { noZoneAnswers, type Site } from '../sites/site.js';
import type { World } from '../routing/world.js';
import { outstandingBySite } from './outstanding.js';

export interface SpeakerChoice {
  /** Kinds of which the speaker should lack nothing. */
  readonly kinds?: readonly string[];
  /** Sites that speak first, since they alone know whether something is in use. */
  readonly first?: ReadonlySet<number>;
  /** False of a site that cannot be asked such a thing. @default every site can */
  readonly canSpeak?: (site: Site) => boolean;
  /** True of a site that has the microversion that is asked for. */
  readonly isAsNew?: (site: Site) => boolean;
}

/** The site that speaks: the first that is enabled, lacks nothing, and was added before the others. @throws Fault 503 */
export function speaker(world: World, service: ServiceName): Site {
  const sites = offering(world, service);
  const site = sites.find((one) => one.state === 'enabled') ?? sites[0];
  if (!site) throw noZoneAnswers();
  return site;
}

/** Sites that may speak, the best first. @throws Fault 503 where none answers */
export async function speakers(world: World, service: ServiceName, choice: SpeakerChoice = {}): Promise<Site[]> {
  const { kinds, first = new Set(), isAsNew = () => true, canSpeak = () => true } = choice;
  const sites = offering(world, service).filter(canSpeak);
  if (sites.length === 0) throw noZoneAnswers();
  if (sites.length === 1) return sites;
  const outstanding = kinds ? await outstandingBySite(world, kinds) : new Map<number, number>();
  const rank = (site: Site): number[] => [
    first.has(site.id) ? 0 : 1,
    isAsNew(site) ? 0 : 1,
    site.state === 'enabled' ? 0 : 1,
    outstanding.get(site.id) ?? 0,
    site.id,
  ];
  return sites
    .map((site) => ({ site, rank: rank(site) }))
    .sort((a, b) => compare(a.rank, b.rank))
    .map(({ site }) => site);
}

const offering = (world: World, service: ServiceName): Site[] =>
  world.sites.answering(service).filter((site) => site.capabilities.endpoints[service]);

function compare(a: number[], b: number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
