/** Availability zones: each site is one; an aggregate with a zone of its own is one over several sites. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Service } from '@cascade/openstack-protocol/service.js';
import type { World } from './world.js';

export interface Zone {
  readonly name: string;
  readonly siteIds: readonly number[];
}

export async function allZones(world: World): Promise<Zone[]> {
  const zones = new Map<string, number[]>(world.sites.all().map((site) => [site.name, [site.id]]));
  for (const { body } of await world.globals.list('aggregate')) {
    const name = body['availability_zone'];
    const hosts = (body['hosts'] ?? []) as string[];
    if (typeof name !== 'string' || hosts.length === 0) continue;
    const ids = hosts.flatMap((host) => world.sites.byName(host)?.id ?? []);
    zones.set(name, [...new Set([...(zones.get(name) ?? []), ...ids])]);
  }
  return [...zones].map(([name, siteIds]) => ({ name, siteIds }));
}

/** @throws Fault with the service's own words for a zone that does not exist */
export async function zoneNamed(world: World, service: Service, name: string): Promise<Zone> {
  const zone = (await allZones(world)).find((one) => one.name === name);
  if (zone) return zone;
  throw service.noSuchZone?.(name) ?? new Fault('bad-request', 'The requested availability zone is not available');
}
