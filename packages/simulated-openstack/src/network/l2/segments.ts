/** The segments networks are made of: one each, made and removed with its network. @see openstack/neutron:neutron/services/segments */
import { attribute, computed, identity, standard } from '@cascade/openstack-adapter/network/attribute.js';
import { id, integer, orNone, text } from '@cascade/openstack-adapter/network/readers.js';
import { collection, type Rules } from '../collection/collection.js';
import type { NetworkRow } from '../rows.js';
import type { NetworkState } from '../state.js';
import type { Row } from '../collection/table.js';

export function addSegment(state: NetworkState, network: NetworkRow): void {
  state.add(state.tables.segment, {
    project_id: '',
    name: null,
    description: null,
    network_id: network.id,
    physical_network: network['provider:physical_network'],
    network_type: network['provider:network_type'],
    segmentation_id: network['provider:segmentation_id'],
  });
}

export function dropSegments(state: NetworkState, networkId: string): void {
  for (const segment of state.tables.segment.where('network_id', networkId)) state.tables.segment.remove(segment);
}

export function renumberSegment(state: NetworkState, networkId: string, number: number): void {
  const { segment: table } = state.tables;
  for (const segment of table.where('network_id', networkId)) state.change(table, segment, { segmentation_id: number });
}

const rules: Rules<Row> = {};
const { created_at, updated_at, revision_number } = standard;

export const segments = collection<Row>({
  path: '/segments',
  table: 'segment',
  key: 'segment',
  keys: 'segments',
  alias: 'segment',
  verbs: 'U',
  writers: 'admin',
  adminReads: true,
  rules,
  attributes: {
    id: identity['id']!,
    network_id: attribute(id, { in: 'never' }),
    name: attribute(orNone(text())),
    description: attribute(orNone(text())),
    physical_network: computed(orNone(text()), { sorts: true }),
    network_type: computed(text(), { sorts: true }),
    segmentation_id: computed(orNone(integer(1)), { sorts: true }),
    created_at: created_at!,
    updated_at: updated_at!,
    revision_number: revision_number!,
  },
});
