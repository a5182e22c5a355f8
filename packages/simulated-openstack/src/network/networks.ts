/** One cloud's Neutron, as its Nova uses it; what it begins with. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Attributes } from '@cascade/openstack-adapter/network/attribute.js';
import type {
  CloudFacts,
  GroupBody,
  NovaNetworks,
  PluggedPort,
  PlugRequest,
  PortAddress,
} from '../service-interfaces.js';
import { noiseUuid, numberOf } from '../noise.js';
import { addAgents } from './agents.js';
import { networks as networkCollection } from './l2/network-collection.js';
import { bind, dropPort, portRules } from './l2/port-collection.js';
import type { PortRow, SecurityGroupRow } from './rows.js';
import { defaultGroupOf } from './security/default-group.js';
import { addLegacyTemplates } from './security/default-rules.js';
import { bodyOfRule } from './security/security-group-rules.js';
import { namesIn, type Parts } from '../state/part.js';
import { NetworkState } from './state.js';
import { subnets as subnetCollection } from './l2/subnet-collection.js';

/** Who owns what a fresh cloud has. */
const operator: Caller = { token: '', userId: '', roles: ['admin'], isAdmin: true };

/** Nova tells its host; here it is always the first. */
const host = (zone: string): string => `${zone}-compute-01`;

const defaultsOf = (attributes: Attributes): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attributes)
      .filter(([, one]) => one.byDefault !== undefined)
      .map(([name, one]) => [name, one.byDefault]),
  );

export class Networks implements NovaNetworks {
  readonly state: NetworkState;
  /** Ports that Nova made, which go with their device. */
  private readonly made = new Set<string>();

  constructor(facts: CloudFacts) {
    this.state = new NetworkState(facts);
    const idOf = (...parts: number[]): string =>
      noiseUuid(facts.seed, numberOf(facts.name), numberOf('network'), ...parts);
    addAgents(this.state, (at) => idOf(3, at));
    addLegacyTemplates(this.state, (at) => idOf(4, at));
    this.addNetwork(
      idOf(1),
      'public',
      {
        'router:external': true,
        is_default: true,
        'provider:network_type': 'flat',
        'provider:physical_network': 'public',
      },
      {
        id: idOf(1, 1),
        cidr: '198.18.0.0/15',
        enable_dhcp: false,
      },
    );
    // The lower half is for the addresses of the servers a cloud begins with, which have no ports.
    this.addNetwork(
      idOf(2),
      'private',
      { shared: true },
      {
        id: idOf(2, 1),
        cidr: '10.0.0.0/8',
        gateway_ip: '10.255.255.254',
        allocation_pools: [{ start: '10.128.0.2', end: '10.255.255.253' }],
      },
    );
  }

  parts(): Parts {
    return { ...this.state.parts(), 'port made by Nova': namesIn(this.made) };
  }

  plug(wanted: PlugRequest): PluggedPort {
    const { tables } = this.state;
    const port = wanted.portId === undefined ? this.makePort(wanted) : this.takePort(wanted.portId, wanted);
    const changes = {
      device_id: wanted.deviceId,
      device_owner: `compute:${this.state.zone}`,
      'binding:host_id': host(this.state.zone),
    };
    this.state.change(tables.port, port, changes);
    bind(this.state, port);
    return this.plugged(port);
  }

  unplug(portId: string): void {
    const port = this.state.tables.port.require(portId);
    if (this.made.delete(portId)) return dropPort(this.state, port);
    const released = { device_id: '', device_owner: '', status: 'DOWN', 'binding:host_id': '' };
    this.state.change(this.state.tables.port, port, released);
  }

  unplugDevice(deviceId: string): void {
    for (const port of this.state.tables.port.where('device_id', deviceId)) this.unplug(port.id);
  }

  portsOf(deviceId: string): PluggedPort[] {
    return this.state.tables.port.where('device_id', deviceId).map((port) => this.plugged(port));
  }

  usableFor(projectId: string): { id: string; name: string }[] {
    const { state } = this;
    return [...state.tables.network.all()]
      .filter((network) => network['admin_state_up'] === true && !network['router:external'])
      .filter((network) => network.project_id === projectId || state.isShared(network.id, projectId))
      .map(({ id, name }) => ({ id, name }));
  }

  groupsOf(deviceId: string): GroupBody[] {
    const { security_group: groups, security_group_rule: rules, port: ports } = this.state.tables;
    const ids = new Set(ports.where('device_id', deviceId).flatMap((port) => port.security_groups));
    return [...ids]
      .flatMap((id) => groups.find(id) ?? [])
      .map((group) => ({
        id: group.id,
        name: group.name,
        description: String(group['description'] ?? ''),
        project_id: group.project_id,
        security_group_rules: rules.where('security_group_id', group.id).map((rule) => bodyOfRule(this.state, rule)),
      }));
  }

  hasPort(portId: string): boolean {
    return this.state.tables.port.find(portId) !== undefined;
  }

  hasGroup(projectId: string, name: string): boolean {
    return this.groupsNamed(projectId, name).length > 0;
  }

  join(deviceId: string, projectId: string, name: string): void {
    const group = this.groupNamed(projectId, name);
    for (const port of this.state.tables.port.where('device_id', deviceId)) {
      if (port.security_groups.includes(group.id)) continue;
      this.state.change(this.state.tables.port, port, { security_groups: [...port.security_groups, group.id] });
    }
  }

  leave(deviceId: string, projectId: string, name: string): void {
    const group = this.groupNamed(projectId, name);
    const members = this.state.tables.port
      .where('device_id', deviceId)
      .filter((port) => port.security_groups.includes(group.id));
    if (members.length === 0) {
      throw new Fault('not-found', `Security group ${name} not associated with the instance ${deviceId}`);
    }
    for (const port of members) {
      const security_groups = port.security_groups.filter((id) => id !== group.id);
      this.state.change(this.state.tables.port, port, { security_groups });
    }
  }

  private makePort({ projectId, networkId = '', deviceId, securityGroups, fixedIp }: PlugRequest): PortRow {
    const { state } = this;
    const network = state.tables.network.find(networkId);
    if (!network) throw new Fault('bad-request', `Network ${networkId} could not be found.`);
    state.limits.requireRoom(projectId, 'port', state.tables.port.count('project_id', projectId));
    const groups = securityGroups?.map((name) => this.groupNamed(projectId, name, 'bad-request').id);
    const port = state.draft<PortRow>({
      // What an attribute is by default need not be kept: there may be many ports.
      'binding:host_id': '',
      network_id: networkId,
      project_id: projectId,
      device_id: deviceId,
      device_owner: `compute:${state.zone}`,
      ...(groups ? { security_groups: groups } : {}),
      ...(fixedIp === undefined ? {} : { fixed_ips: [{ ip_address: fixedIp }] }),
    });
    portRules.create?.(state, port, operator);
    state.tables.port.put(port);
    this.made.add(port.id);
    return port;
  }

  /** @throws Fault 400 for a port that is not the project's, 409 for one in use */
  private takePort(portId: string, { projectId, deviceId, isAttached }: PlugRequest): PortRow {
    const port = this.state.tables.port.find(portId);
    if (!port || port.project_id !== projectId)
      throw new Fault(isAttached ? 'not-found' : 'bad-request', `Port id ${portId} could not be found.`);
    if (port.device_id !== '' && port.device_id !== deviceId) {
      throw new Fault('conflict', `Port ${portId} is still in use.`);
    }
    if (port.fixed_ips.length === 0)
      throw new Fault('bad-request', `Port ${portId} requires a FixedIP in order to be used.`);
    return port;
  }

  /** @throws Fault 404, or 400 where a server is made */
  private groupNamed(
    projectId: string,
    name: string,
    kind: 'bad-request' | 'not-found' = 'not-found',
  ): SecurityGroupRow {
    const found = this.groupsNamed(projectId, name);
    if (found.length > 1)
      throw new Fault(
        'conflict',
        `Multiple security_group matches found for name '${name}', use an ID to be more specific.`,
      );
    const [group] = found;
    if (!group) throw new Fault(kind, `Unable to find security_group with name or id '${name}'`);
    return group;
  }

  private groupsNamed(projectId: string, name: string): SecurityGroupRow[] {
    if (name === 'default') return [defaultGroupOf(this.state, projectId)];
    const { security_group: groups } = this.state.tables;
    return groups.where('project_id', projectId).filter((group) => group.name === name || group.id === name);
  }

  private plugged(port: PortRow): PluggedPort {
    const { network, security_group: groups, floatingip } = this.state.tables;
    const fixed = port.fixed_ips.map(({ ip_address, subnet_id }): PortAddress => ({
      address: ip_address,
      version: ip_address.includes(':') ? 6 : 4,
      subnetId: subnet_id,
      type: 'fixed',
    }));
    const floating = floatingip.where('port_id', port.id);
    const addresses = fixed.flatMap((one): PortAddress[] => [
      one,
      ...floating
        .filter((row) => row.fixed_ip_address === one.address)
        .map((row): PortAddress => ({ ...one, address: row.floating_ip_address, type: 'floating' })),
    ]);
    return {
      portId: port.id,
      mac: port.mac_address,
      networkId: port.network_id,
      networkName: network.find(port.network_id)?.name ?? '',
      status: port.status,
      addresses,
      securityGroups: port.security_groups.flatMap((id) => groups.find(id) ?? []).map(({ id, name }) => ({ id, name })),
    };
  }

  private addNetwork(
    id: string,
    name: string,
    network: Record<string, unknown>,
    subnet: Record<string, unknown>,
  ): void {
    const { state } = this;
    const owner = { project_id: noiseUuid(0, numberOf('operator')).replaceAll('-', '') };
    for (const [collection, fields] of [
      [networkCollection, { ...network, id, name }],
      [subnetCollection, { ip_version: 4, ...subnet, name, network_id: id }],
    ] as const) {
      const row = state.draft({ ...defaultsOf(collection.attributes), ...owner, ...fields });
      collection.rules.create?.(state, row, operator);
      (state.tables[collection.table] as unknown as { put(one: typeof row): void }).put(row);
      collection.rules.created?.(state, row, operator);
    }
  }
}
