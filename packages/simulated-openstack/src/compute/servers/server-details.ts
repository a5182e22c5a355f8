/** What is asked about one server beside itself. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../cloud.js';
import type { GroupBody } from '../../service-interfaces.js';
import { requireState, serverAsked } from './asked-server.js';
import type { Server } from './server.js';

export const serverDetailRoutes = (cloud: Cloud): Route[] => [
  route('GET /servers/{id}/os-security-groups', 'reader', async (asked) =>
    json(200, { security_groups: cloud.networks.groupsOf(serverAsked(cloud, asked).id).map(novaGroup) }),
  ),
  route('GET /servers/{id}/diagnostics', 'admin', async (asked) => {
    const server = serverAsked(cloud, asked);
    requireState(server, 'get_diagnostics', ['active', 'paused', 'rescued', 'suspended', 'stopped', 'resized'], 'any');
    return json(200, diagnostics(cloud, asked, server));
  }),
  route(
    'GET /servers/{id}/topology',
    'reader',
    async (asked) => {
      serverAsked(cloud, asked);
      return json(200, { nodes: [], pagesize_kb: null });
    },
    { since: '2.78' },
  ),
  route('GET /servers/{id}/os-server-password', 'reader', async (asked) => {
    serverAsked(cloud, asked);
    return json(200, { password: '' });
  }),
  route('DELETE /servers/{id}/os-server-password', 'member', async (asked) => {
    serverAsked(cloud, asked);
    return noContent(204);
  }),
];

/** Neutron's group in the form Nova's proxy gave it. */
const novaGroup = ({ id, name, description, project_id: tenant_id, security_group_rules: rules }: GroupBody) => ({
  id,
  name,
  description,
  tenant_id,
  rules: rules.filter((rule) => rule['direction'] === 'ingress').map((rule) => novaRule(id, rule)),
});

const novaRule = (groupId: string, rule: Readonly<Record<string, unknown>>) => ({
  id: rule['id'],
  parent_group_id: groupId,
  ip_protocol: rule['protocol'] ?? null,
  from_port: rule['port_range_min'] ?? null,
  to_port: rule['port_range_max'] ?? null,
  ip_range: rule['remote_ip_prefix'] ? { cidr: rule['remote_ip_prefix'] } : {},
  group: rule['remote_group_id'] ? { name: '', tenant_id: rule['project_id'] } : {},
});

/** @throws Fault 409 for a server that runs nowhere */
function diagnostics(cloud: Cloud, asked: Asked, server: Server): Record<string, unknown> {
  if (server.host === null) throw new Fault('conflict', `Instance ${server.id} is not ready`);
  const { vcpus, ram } = cloud.flavors.ever(server.flavorId);
  if (!atLeast(asked.microversion, '2.48')) return { memory: ram * 1024, cpu0_time: 17_300_000_000 };
  const uptime = Math.floor((cloud.clock.now() - (server.launchedAt ?? cloud.clock.now())) / 1000);
  return {
    state: server.vmState === 'active' ? 'running' : server.vmState === 'paused' ? 'paused' : 'shutdown',
    driver: 'libvirt',
    hypervisor: 'qemu',
    hypervisor_os: 'linux',
    uptime,
    config_drive: server.configDrive,
    num_cpus: vcpus,
    num_disks: 1 + server.volumes.length,
    num_nics: cloud.networks.portsOf(server.id).length + server.addresses.length,
    memory_details: { maximum: ram, used: Math.floor(ram / 2) },
    cpu_details: Array.from({ length: vcpus }, (_, id) => ({ id, time: 17_300_000_000, utilisation: 15 })),
    disk_details: [],
    nic_details: cloud.networks.portsOf(server.id).map(({ mac }) => ({ mac_address: mac, rx_octets: 0, tx_octets: 0 })),
  };
}
