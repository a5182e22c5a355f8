/** Ports of servers. @see openstack/nova:nova/api/openstack/compute/attach_interfaces.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { uuid } from '@cascade/openstack-protocol/compute/parameter-types.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from './cloud.js';
import type { PluggedPort } from '../service-interfaces.js';
import { requireState, requireUnlocked, serverAsked } from './servers/asked-server.js';
import { nicsIn } from './servers/nics.js';
import type { Server, VmState } from './servers/server.js';

const states: readonly VmState[] = ['active', 'paused', 'stopped'];

const checkAttach = bodyCheck({
  type: 'object',
  properties: {
    interfaceAttachment: {
      type: 'object',
      properties: {
        net_id: uuid,
        port_id: uuid,
        fixed_ips: {
          type: 'array',
          minItems: 1,
          maxItems: 1,
          items: {
            type: 'object',
            properties: { ip_address: { type: 'string' } },
            required: ['ip_address'],
            additionalProperties: false,
          },
        },
        tag: { type: 'string', minLength: 1, maxLength: 60, pattern: '^[^,/]*$' },
      },
      additionalProperties: false,
    },
  },
  additionalProperties: false,
});

export function interfaceRoutes(cloud: Cloud): Route[] {
  const all = '/servers/{id}/os-interface';
  return [
    route(`GET ${all}`, 'reader', async (asked) => {
      const ports = cloud.networks.portsOf(serverAsked(cloud, asked).id);
      return json(200, { interfaceAttachments: ports.map((port) => view(asked, port)) });
    }),
    route(`POST ${all}`, 'member', attach(cloud)),
    route(`GET ${all}/{port_id}`, 'reader', async (asked) =>
      json(200, { interfaceAttachment: view(asked, portAsked(cloud, asked, serverAsked(cloud, asked))) }),
    ),
    route(`DELETE ${all}/{port_id}`, 'member', detach(cloud)),
  ];
}

const view = (asked: Asked, port: PluggedPort): Record<string, unknown> => ({
  port_state: port.status,
  fixed_ips: port.addresses
    .filter(({ type }) => type === 'fixed')
    .map(({ subnetId, address }) => ({ subnet_id: subnetId, ip_address: address })),
  port_id: port.portId,
  net_id: port.networkId,
  mac_addr: port.mac,
  ...(atLeast(asked.microversion, '2.70') ? { tag: null } : {}),
});

/** @throws Fault 404 */
function portAsked(cloud: Cloud, asked: Asked, server: Server): PluggedPort {
  const { port_id: id = '' } = asked.params;
  const port = cloud.networks.portsOf(server.id).find(({ portId }) => portId === id);
  if (port) return port;
  const words = cloud.networks.hasPort(id)
    ? `Instance ${server.id} does not have a port with id ${id}`
    : `Port id ${id} could not be found.`;
  throw new Fault('not-found', words);
}

interface Wanted {
  readonly net_id?: string;
  readonly port_id?: string;
  readonly fixed_ips?: readonly { readonly ip_address: string }[];
}

function attach(cloud: Cloud): Answer {
  return async (asked) => {
    const body = await asked.readJson();
    checkAttach(body);
    const { net_id, port_id, fixed_ips } = (body['interfaceAttachment'] ?? {}) as Wanted;
    if (net_id && port_id) throw new Fault('bad-request', 'Must not input both network_id and port_id');
    if (fixed_ips && !net_id) throw new Fault('bad-request', 'Must input network_id when request IP address');
    const server = serverAsked(cloud, asked);
    requireUnlocked(asked, server);
    requireState(server, 'attach_interface', states);
    const fixedIp = fixed_ips?.[0]?.ip_address;
    const [nic] = net_id
      ? [{ networkId: net_id }]
      : port_id
        ? [{ portId: port_id }]
        : nicsIn(cloud, server.projectId, undefined);
    if (!nic) throw new Fault('bad-request', 'No networks are available to attach.');
    const port = cloud.networks.plug({
      projectId: server.projectId,
      deviceId: server.id,
      isAttached: true,
      ...nic,
      ...(fixedIp ? { fixedIp } : {}),
    });
    cloud.journal.note(server, 'attach_interface', asked);
    return json(200, { interfaceAttachment: view(asked, port) });
  };
}

function detach(cloud: Cloud): Answer {
  return async (asked) => {
    const server = serverAsked(cloud, asked);
    requireUnlocked(asked, server);
    requireState(server, 'detach_interface', states);
    const { portId } = portAsked(cloud, asked, server);
    cloud.journal.note(server, 'detach_interface', asked);
    cloud.after('server attach', 'release port', { serverId: server.id, portId });
    return noContent(202);
  };
}

export function releasePort(cloud: Cloud, serverId: string, portId: string): void {
  if (cloud.networks.portsOf(serverId).some((port) => port.portId === portId)) cloud.networks.unplug(portId);
}
