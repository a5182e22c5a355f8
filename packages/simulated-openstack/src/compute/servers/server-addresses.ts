/** Addresses of servers. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../cloud.js';
import type { PluggedPort } from '../../service-interfaces.js';
import { serverAsked } from './asked-server.js';
import type { Address, Server } from './server.js';

/** Those of its ports, behind those it began with. */
export const addressesOf = (cloud: Cloud, server: Server): readonly Address[] =>
  addressesWith(cloud.networks.portsOf(server.id), server);

export function addressesWith(ports: readonly PluggedPort[], server: Server): readonly Address[] {
  if (ports.length === 0) return server.addresses;
  const ofPorts = ports.flatMap(({ addresses, networkName: network, mac }) =>
    addresses.map(({ address, version, type }) => ({ network, address, version, mac, type })),
  );
  return [...server.addresses, ...ofPorts];
}

/** `{net: [{version, addr, …}]}`; without types and MACs as `GET /servers/{id}/ips` shows them. */
export function addressesIn(addresses: readonly Address[], brief = false): Record<string, Record<string, unknown>[]> {
  const byNetwork: Record<string, Record<string, unknown>[]> = {};
  for (const { network, address, version, mac, type } of addresses) {
    const more = brief ? {} : { 'OS-EXT-IPS:type': type, 'OS-EXT-IPS-MAC:mac_addr': mac };
    (byNetwork[network] ??= []).push({ version, addr: address, ...more });
  }
  return byNetwork;
}

export function addressRoutes(cloud: Cloud): Route[] {
  const shown = (server: Server) => addressesIn(addressesOf(cloud, server), true);
  return [
    route('GET /servers/{id}/ips', 'reader', async (asked) =>
      json(200, { addresses: shown(serverAsked(cloud, asked)) }),
    ),
    route('GET /servers/{id}/ips/{network}', 'reader', async (asked) => {
      const { network = '' } = asked.params;
      const found = shown(serverAsked(cloud, asked))[network];
      if (!found) throw new Fault('not-found', 'Instance is not a member of specified network');
      return json(200, { [network]: found });
    }),
  ];
}
