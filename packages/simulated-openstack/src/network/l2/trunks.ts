/** Trunk ports. @see openstack/neutron:neutron/services/trunk/plugin.py */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import {
  adminStateUp,
  attribute,
  identity,
  standard,
  status,
  structure,
} from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest, conflict } from '@cascade/openstack-adapter/network/faults.js';
import { id, integer, listOf, oneOf, record } from '@cascade/openstack-adapter/network/readers.js';
import { collection, type Rules } from '../collection/collection.js';
import type { PortRow, TrunkRow } from '../rows.js';
import type { NetworkState } from '../state.js';

type SubPorts = TrunkRow['sub_ports'];

function portFor(state: NetworkState, portId: string, caller: Caller): PortRow {
  const port = state.tables.port.require(portId);
  if (!caller.isAdmin && port.project_id !== caller.projectId) throw state.tables.port.absent(portId);
  return port;
}

/** @throws Fault 404, 409 for a port that is part of a trunk or bound, or a segment that is taken */
function join(state: NetworkState, trunk: TrunkRow, added: SubPorts, caller: Caller): void {
  const taken = new Set(trunk.sub_ports.map((one) => one.segmentation_id));
  for (const { port_id: portId, segmentation_type: type, segmentation_id: segment } of added) {
    const port = portFor(state, portId, caller);
    if (taken.has(segment))
      throw conflict(
        'DuplicateSubPort',
        `segmentation_type ${type} and segmentation_id ${segment} already in use on trunk ${trunk.id}.`,
      );
    if (port.device_owner === 'trunk:subport' || state.tables.trunk.count('port_id', portId) > 0) {
      throw conflict('PortInUseAsSubPort', `Port ${portId} is currently a subport for another trunk.`);
    }
    taken.add(segment);
  }
  for (const one of added) {
    state.change(state.tables.port, state.tables.port.require(one.port_id), { device_owner: 'trunk:subport' });
  }
}

function leave(state: NetworkState, subPorts: SubPorts): void {
  for (const { port_id: portId } of subPorts) {
    const port = state.tables.port.find(portId);
    if (port) state.change(state.tables.port, port, { device_owner: '' });
  }
}

const rules: Rules<TrunkRow> = {
  create(state, row, caller) {
    const port = portFor(state, row.port_id, caller);
    if (state.tables.trunk.count('port_id', port.id) > 0) {
      throw conflict(
        'ParentPortInUse',
        `Port ${port.id} is currently in use and is not eligible for use as a parent port.`,
      );
    }
    join(state, { ...row, sub_ports: [] }, row.sub_ports, caller);
    row['status'] = 'DOWN';
  },
  remove: (state, row) => leave(state, row.sub_ports),
};

const subPort = record(
  { port_id: id, segmentation_type: oneOf('vlan', 'inherit'), segmentation_id: integer(1, 4094) },
  ['port_id'],
);
const subPorts = listOf(subPort);

export const trunks = collection<TrunkRow>({
  path: '/trunks',
  table: 'trunk',
  key: 'trunk',
  keys: 'trunks',
  alias: 'trunk',
  verbs: 'CUD',
  limited: 'trunk',
  tagged: true,
  rules,
  attributes: {
    ...identity,
    port_id: attribute(id, { in: 'create', required: true }),
    admin_state_up: adminStateUp,
    status,
    sub_ports: structure(subPorts, { in: 'create', byDefault: [] }),
    ...standard,
  },
});

const given = (body: Record<string, unknown>): SubPorts => {
  if (!Array.isArray(body['sub_ports'])) throw badRequest("Unable to find 'sub_ports' in request body");
  return subPorts(body['sub_ports'], 'sub_ports') as SubPorts;
};

export function addSubPorts(state: NetworkState, trunk: TrunkRow, body: Record<string, unknown>, caller: Caller): void {
  const added = given(body);
  join(state, trunk, added, caller);
  state.change(state.tables.trunk, trunk, { sub_ports: [...trunk.sub_ports, ...added] });
}

export function removeSubPorts(state: NetworkState, trunk: TrunkRow, body: Record<string, unknown>): void {
  const ids = (body['sub_ports'] as { port_id: string }[] | undefined)?.map((one) => one.port_id) ?? [];
  const gone = trunk.sub_ports.filter((one) => ids.includes(one.port_id));
  if (gone.length < ids.length) {
    const words = `SubPort on trunk ${trunk.id} with parent port ${ids[0]} could not be found.`;
    throw badRequest(words, 'SubPortNotFound');
  }
  leave(state, gone);
  state.change(state.tables.trunk, trunk, { sub_ports: trunk.sub_ports.filter((one) => !ids.includes(one.port_id)) });
}
