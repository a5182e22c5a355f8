/**
 * The cascade as Nova's administrators see it: each site is one host with one nova-compute, all under the site's name,
 * and the cascade itself is the host of the scheduler and the conductor.
 */
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { stableUuid } from '../../sites/stable-uuid.js';

export interface NovaService {
  readonly binary: string;
  readonly host: string;
  readonly zone: string;
  /** Up to 2.52. */
  readonly id: number;
  /** From 2.53. */
  readonly uuid: string;
  readonly isEnabled: boolean;
  readonly isUp: boolean;
  readonly disabledReason: string | null;
  /** When it was last heard of. */
  readonly updatedAt: string;
}

export interface SiteService extends NovaService {
  readonly site: Site;
}

/** The host on which the cascade's own services run. */
export const ownHost = 'cascade';
const reasonKind = 'site_disabled_reason';

/** Behind every site's id: a cascade has a thousand sites at most. */
const ownServices = [
  { binary: 'nova-scheduler', id: 1_000_001 },
  { binary: 'nova-conductor', id: 1_000_002 },
];

/** All services, the cascade's own first. */
export async function novaServices(world: World): Promise<NovaService[]> {
  const own = ownServices.map(({ binary, id }) => ({
    binary,
    host: ownHost,
    zone: 'internal',
    id,
    uuid: stableUuid('service', ownHost, binary),
    isEnabled: true,
    isUp: true,
    disabledReason: null,
    updatedAt: heartbeat(new Date()),
  }));
  return [...own, ...(await siteServices(world))];
}

/** The nova-compute of every site. */
export async function siteServices(world: World): Promise<SiteService[]> {
  const reasons = new Map((await world.globals.list(reasonKind)).map((row) => [row.id, row.body['reason'] as string]));
  return world.sites.all().map((site) => {
    const { reachable, since } = site.health('compute');
    const isEnabled = site.state === 'enabled';
    return {
      site,
      binary: 'nova-compute',
      host: site.name,
      zone: site.name,
      id: site.id,
      uuid: stableUuid('service', String(site.id), site.name),
      isEnabled,
      isUp: reachable,
      disabledReason: isEnabled ? null : (reasons.get(String(site.id)) ?? null),
      updatedAt: heartbeat(reachable ? new Date() : since),
    };
  });
}

/** Disabling the nova-compute of a site keeps new servers away from it; what runs there goes on. */
export async function setEnabled(world: World, site: Site, isEnabled: boolean, reason?: string): Promise<void> {
  if (isEnabled) {
    if (site.state !== 'enabled') await world.sites.setState(site.name, 'enabled');
  } else if (site.state === 'enabled') await world.sites.setState(site.name, 'draining'); // maintenance stays maintenance
  if (!isEnabled && reason !== undefined) await world.globals.put(reasonKind, String(site.id), null, { reason });
  else await world.globals.remove(reasonKind, String(site.id));
}

/** Nova's times have microseconds and no zone. */
export const novaTime = (time: Date): string => time.toISOString().replace('Z', '000');
const heartbeat = (time: Date): string => novaTime(time).replace(/\.\d+$/, '.000000');
