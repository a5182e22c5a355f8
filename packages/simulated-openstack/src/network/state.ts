/** What one cloud's Neutron holds. */
import { randomUUID } from 'node:crypto';
import { missing } from '@cascade/openstack-adapter/network/faults.js';
import { isoSeconds, type After, type Clock } from '../clock.js';
import type { CloudFacts } from '../service-interfaces.js';
import { releases } from '../releases.js';
import { valueAt, type Parts } from '../state/part.js';
import { AddressBook } from './addresses/address-book.js';
import { Limits } from './limits.js';
import type {
  AddressGroupRow,
  FloatingIpRow,
  NetworkRow,
  PolicyRow,
  PortRow,
  RbacRow,
  RouterRow,
  SecurityGroupRow,
  SecurityGroupRuleRow,
  SubnetPoolRow,
  SubnetRow,
  TrunkRow,
} from './rows.js';
import { Table, type Row } from './collection/table.js';

const noSuch = (type: string, what: string, ending: string) => (id: string) => missing(type, `${what} ${id} ${ending}`);
const notFound = 'could not be found.';

const makeTables = () => ({
  network: new Table<NetworkRow>(noSuch('NetworkNotFound', 'Network', notFound)),
  subnet: new Table<SubnetRow>(noSuch('SubnetNotFound', 'Subnet', notFound), ['network_id', 'subnetpool_id']),
  port: new Table<PortRow>(noSuch('PortNotFound', 'Port', notFound), ['network_id', 'device_id', 'mac_address']),
  router: new Table<RouterRow>(noSuch('RouterNotFound', 'Router', 'could not be found')),
  floatingip: new Table<FloatingIpRow>(noSuch('FloatingIPNotFound', 'Floating IP', 'could not be found'), [
    'port_id',
    'router_id',
    'floating_network_id',
  ]),
  security_group: new Table<SecurityGroupRow>(noSuch('SecurityGroupNotFound', 'Security group', 'does not exist')),
  security_group_rule: new Table<SecurityGroupRuleRow>(
    noSuch('SecurityGroupRuleNotFound', 'Security group rule', 'does not exist'),
    ['security_group_id', 'remote_address_group_id'],
  ),
  rbac_policy: new Table<RbacRow>(noSuch('RbacPolicyNotFound', 'RBAC policy of type network with ID', 'not found'), [
    'object_id',
  ]),
  subnetpool: new Table<SubnetPoolRow>(
    (id) => missing('SubnetPoolNotFound', `Subnet pool ${id} ${notFound}`),
    ['address_scope_id'],
  ),
  address_scope: new Table<Row>(noSuch('AddressScopeNotFound', 'Address scope', 'could not be found')),
  address_group: new Table<AddressGroupRow>(noSuch('AddressGroupNotFound', 'Address group', notFound)),
  trunk: new Table<TrunkRow>(noSuch('TrunkNotFound', 'Trunk', notFound), ['port_id']),
  policy: new Table<PolicyRow>(noSuch('QosPolicyNotFound', 'QoS policy', notFound)),
  segment: new Table<Row>(noSuch('SegmentNotFound', 'Segment', notFound), ['network_id', 'segmentation_id']),
  default_security_group_rule: new Table<Row>(
    noSuch('DefaultSecurityGroupRuleNotFound', 'Default Security Group rule', 'does not exist'),
  ),
  security_groups_default_statefulness: new Table<Row>(
    noSuch('SecurityGroupDefaultStatefulnessNotFound', 'Security group default statefulness', notFound),
  ),
  agent: new Table<Row>(noSuch('AgentNotFound', 'Agent', 'could not be found')),
});

export type Tables = ReturnType<typeof makeTables>;
export type TableName = keyof Tables;

const none: readonly string[] = [];

/** What a Neutron does later. */
const networkTasks = (state: NetworkState) => ({
  'activate port'({ id }: { id: string }): void {
    const port = state.tables.port.find(id);
    if (port?.status === 'DOWN') state.change(state.tables.port, port, { status: 'ACTIVE' });
  },
});

export class NetworkState {
  readonly clock: Clock;
  readonly after: After<ReturnType<typeof networkTasks>>;
  readonly zone: string;
  /** Aliases as the cloud lists them. */
  readonly listed: readonly string[];
  /** What they stand for: an older alias means the newer one too. */
  readonly extensions: ReadonlySet<string>;
  readonly tables = makeTables();
  readonly addresses = new AddressBook();
  readonly limits = new Limits();
  private made = 0;

  constructor(facts: CloudFacts) {
    this.clock = facts.clock;
    this.after = facts.clock.register(networkTasks(this));
    this.tables.port.whenRestored(() => this.addresses.recount(this.tables.port.all()));
    this.zone = facts.name;
    this.listed = releases[facts.releaseName].networkExtensions;
    const today = this.listed.map((alias) => (alias === 'timestamp_core' ? 'standard-attr-timestamp' : alias));
    this.extensions = new Set(today);
  }

  parts(): Parts {
    const tables = Object.entries(this.tables as Record<string, Table<Row>>);
    return {
      ...Object.fromEntries(tables.map(([name, table]) => [name, table.part()])),
      'network rows made': valueAt(
        () => this.made,
        (made) => (this.made = made),
      ),
      ...this.limits.parts(),
    };
  }

  now(): string {
    return isoSeconds(this.clock.now());
  }

  /** A row with an id and standard attributes, not kept yet. */
  draft<T extends Row>(fields: Record<string, unknown>): T {
    const now = this.now();
    this.made += 1;
    return {
      id: randomUUID(),
      // All that has standard attributes is numbered together. Rules inside their group show the number.
      standard_attr_id: this.made,
      tags: none,
      created_at: now,
      updated_at: now,
      revision_number: 0,
      ...fields,
    } as unknown as T;
  }

  /** Makes a row and keeps it. */
  add<T extends Row>(table: Table<T>, fields: Record<string, unknown>): T {
    const row = this.draft<T>(fields);
    table.put(row);
    return row;
  }

  /** Changes a row that is still there, and what every change changes. */
  change<T extends Row>(table: Table<T>, row: T, changes: Record<string, unknown>): void {
    if (table.find(row.id) !== row) return;
    const revision = Number(row['revision_number'] ?? 0) + 1;
    table.change(row, { ...changes, updated_at: this.now(), revision_number: revision } as unknown as Partial<T>);
  }

  /** @throws Fault 404 for a zone that is not there */
  requireZones(hints: unknown): void {
    const unknown = ((hints ?? []) as readonly string[]).find((one) => one !== this.zone);
    if (unknown !== undefined)
      throw missing('AvailabilityZoneNotFound', `AvailabilityZone ${unknown} could not be found.`);
  }

  /** True where something is shared with a project, by name or with everybody. */
  isShared(id: string, projectId: string | undefined, action = 'access_as_shared'): boolean {
    return this.tables.rbac_policy
      .where('object_id', id)
      .some((one) => one.action === action && (one.target_tenant === '*' || one.target_tenant === projectId));
  }
}
