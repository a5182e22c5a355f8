/** Availability zones as Nova lists them: each site, and each aggregate that is a zone over sites. */
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { World } from '../../routing/world.js';
import { allZones } from '../../routing/zones.js';
import { novaServices, siteServices, type NovaService } from './site-services.js';

export const zoneRoutes = (world: World): Route[] => [
  route('GET /os-availability-zone', 'reader', async () => json(200, { availabilityZoneInfo: await zones(world) })),
  route('GET /os-availability-zone/detail', 'admin', async () =>
    json(200, { availabilityZoneInfo: await zonesWithHosts(world) }),
  ),
];

/** A zone is available where one of its sites answers and takes new servers. */
async function zones(world: World) {
  const services = await siteServices(world);
  const views = (await allZones(world)).map(({ name, siteIds }) => ({
    zoneName: name,
    zoneState: { available: services.some((one) => siteIds.includes(one.site.id) && one.isEnabled && one.isUp) },
    hosts: null,
  }));
  return availableFirst(views);
}

async function zonesWithHosts(world: World) {
  const services = await siteServices(world);
  const own = (await novaServices(world)).filter((one) => one.zone === 'internal');
  const views = (await allZones(world)).map(({ name, siteIds }) => {
    const within = services.filter((one) => siteIds.includes(one.site.id) && one.isEnabled);
    const available = within.some((one) => one.isUp);
    return { zoneName: name, zoneState: { available }, hosts: within.length > 0 ? hostsOf(within) : null };
  });
  const internal = { zoneName: 'internal', zoneState: { available: true }, hosts: hostsOf(own) };
  return [internal, ...availableFirst(views)];
}

const availableFirst = <Z extends { zoneState: { available: boolean } }>(views: Z[]): Z[] =>
  [...views].sort((a, b) => Number(b.zoneState.available) - Number(a.zoneState.available));

/** `{site1: {'nova-compute': {available, active, updated_at}}}` */
function hostsOf(services: readonly NovaService[]) {
  const hosts: Record<string, Record<string, object>> = {};
  for (const { host, binary, isUp, isEnabled, updatedAt } of services) {
    (hosts[host] ??= {})[binary] = { available: isUp, active: isEnabled, updated_at: updatedAt };
  }
  return hosts;
}
