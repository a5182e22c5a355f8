/**
 * Where an administrator or a tenant wants a server: `zone`, `zone:host`, `zone:host:node`, `zone::node`, and `host` and
 * `hypervisor_hostname` from 2.74 on. Zones are the cascade's. A host or node is the site's own, or the name of a site,
 * which is how the cascade shows a site's one huge host: it means anywhere in that site.
 * @see openstack/nova:nova/compute/api.py parse_availability_zone
 */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { World } from '../../routing/world.js';
import { zoneNamed } from '../../routing/zones.js';
import type { Site } from '../../sites/site.js';

type Server = Record<string, unknown>;

/**
 * Takes the zone out of a create, and leaves in it what the site has to decide: in whose power it is to name hosts of its
 * own, and whether it has them.
 * @returns the zone, or the site that a host stands for
 * @throws Fault 400 or 403 in Nova's words
 */
export const takeServerZone =
  (world: World) =>
  async (body: Record<string, unknown>, asked: Asked): Promise<string | undefined> => {
    const server = body['server'];
    if (!isObject(server)) return undefined;
    const { zone, forced } = takeForced(world, server, asked);
    const requested = takeRequested(world, server, asked, forced !== undefined || isForced(server));
    const site = forced ?? requested;
    // Nova goes by the host where a forced one is not in the zone, and finds none for a requested one.
    if (!requested || zone === undefined) return site?.name ?? zone;
    if ((await zoneNamed(world, asked.service, zone)).siteIds.includes(requested.id)) return requested.name;
    throw new Fault('bad-request', `Host ${requested.name} is not in availability zone ${zone}.`);
  };

const isForced = (server: Server): boolean => typeof server['availability_zone'] === 'string';

interface Forced {
  /** Undefined where none is named. */
  readonly zone: string | undefined;
  readonly forced: Site | undefined;
}

function takeForced(world: World, server: Server, { caller }: Asked): Forced {
  const text = server['availability_zone'];
  if (typeof text !== 'string' || text === '') return { zone: undefined, forced: undefined };
  const [zone = '', host = '', node = '', ...more] = text.split(':');
  if (more.length > 0) throw new Fault('bad-request', 'Invalid input received: Unable to parse availability_zone');
  delete server['availability_zone'];
  const sites = [host, node].map((name) => world.sites.byName(name));
  if (sites.some(Boolean) && !caller.isAdmin) throw notAllowed('os_compute_api:servers:create:forced_host');
  const [ownHost, ownNode] = [host, node].map((name, at) => (sites[at] ? '' : name));
  // Without a zone the site's Nova takes the host's own, whatever that is called there.
  if (ownNode) server['availability_zone'] = `:${ownHost}:${ownNode}`;
  else if (ownHost) server['availability_zone'] = `:${ownHost}`;
  return { zone: zone || undefined, forced: siteIn(sites, [host, node]) };
}

const requestedFields = ['host', 'hypervisor_hostname'] as const;

function takeRequested(world: World, server: Server, asked: Asked, hasForced: boolean): Site | undefined {
  if (!atLeast(asked.microversion, '2.74')) return undefined;
  const names = requestedFields.map((field) => (typeof server[field] === 'string' ? server[field] : ''));
  const sites = names.map((name) => world.sites.byName(name));
  if (!sites.some(Boolean)) return undefined;
  if (!asked.caller.isAdmin) throw notAllowed('compute:servers:create:requested_destination');
  if (hasForced) {
    const words =
      'One mechanism with host and/or hypervisor_hostname and another mechanism with zone:host:node are mutually exclusive.';
    throw new Fault('bad-request', words);
  }
  requestedFields.forEach((field, at) => {
    if (sites[at]) delete server[field];
  });
  return siteIn(sites, names);
}

/** @throws Fault 400 for a node of another site than the host */
function siteIn([host, node]: readonly (Site | undefined)[], names: readonly string[]): Site | undefined {
  if (host && node && host !== node) throw new Fault('bad-request', `Compute host ${names[0]} could not be found.`);
  return host ?? node;
}

const notAllowed = (rule: string): Fault => new Fault('forbidden', `Policy doesn't allow ${rule} to be performed.`);
