/** The agents of a cloud's network: one of each kind, always alive. @see openstack/neutron:neutron/db/agents_db.py */
import { attribute, type Attributes } from '@cascade/openstack-adapter/network/attribute.js';
import { dictionary, flag, id, orNone, text } from '@cascade/openstack-adapter/network/readers.js';
import { collection, type Rules } from './collection/collection.js';
import type { NetworkState } from './state.js';
import type { Row } from './collection/table.js';

const kinds = [
  [
    'DHCP agent',
    'neutron-dhcp-agent',
    'dhcp_agent',
    { dhcp_driver: 'neutron.agent.linux.dhcp.Dnsmasq', dhcp_lease_duration: 86_400 },
  ],
  [
    'L3 agent',
    'neutron-l3-agent',
    'l3_agent',
    { agent_mode: 'legacy', handle_internal_only_routers: true, interface_driver: 'openvswitch' },
  ],
  ['Metadata agent', 'neutron-metadata-agent', 'N/A', { log_agent_heartbeats: false }],
  [
    'Open vSwitch agent',
    'neutron-openvswitch-agent',
    'N/A',
    {
      bridge_mappings: { physnet1: 'br-physnet1', public: 'br-ex' },
      tunnel_types: ['vxlan'],
      tunneling_ip: '127.0.0.1',
    },
  ],
] as const;

/** `2026-11-27 19:13:55`, as agents write times. */
const spaced = (time: string): string => time.replace('T', ' ').replace('Z', '');

export function addAgents(state: NetworkState, idOf: (at: number) => string): void {
  const now = spaced(state.now());
  for (const [at, [agent_type, binary, topic, configurations]] of kinds.entries()) {
    state.tables.agent.put({
      id: idOf(at),
      project_id: '',
      agent_type,
      binary,
      topic,
      configurations,
      host: state.zone,
      admin_state_up: true,
      created_at: now,
      started_at: now,
      description: null,
      resources_synced: null,
    });
  }
}

const rules: Rules<Row> = {
  view: (state) => ({ alive: true, heartbeat_timestamp: spaced(state.now()), availability_zone: state.zone }),
};

const shown = attribute(text(), { in: 'never' });

const attributes: Attributes = {
  id: attribute(id, { in: 'never' }),
  agent_type: shown,
  binary: shown,
  topic: shown,
  host: shown,
  admin_state_up: attribute(flag),
  created_at: shown,
  started_at: shown,
  heartbeat_timestamp: shown,
  description: attribute(orNone(text())),
  resources_synced: attribute(orNone(flag), { in: 'never', alias: 'agent-resources-synced' }),
  availability_zone: { ...shown, alias: 'availability_zone' },
  alive: attribute(flag, { in: 'never', sorts: false }),
  configurations: attribute(dictionary, { in: 'never', filters: false, sorts: false }),
};

export const agents = collection<Row>({
  path: '/agents',
  table: 'agent',
  key: 'agent',
  keys: 'agents',
  alias: 'agent',
  verbs: 'UD',
  writers: 'admin',
  adminReads: true,
  rules,
  attributes,
});
