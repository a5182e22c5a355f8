/**
 * Which segment a network is on: an administrator's choice, or one of the tunnels that the cloud has for its projects.
 * @see openstack/neutron:neutron/plugins/ml2/managers.py (TypeManager) and neutron/plugins/ml2/drivers/type_*.py
 */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { conflict, invalidInput } from '@cascade/openstack-adapter/network/faults.js';
import type { NetworkRow } from '../rows.js';
import type { NetworkState } from '../state.js';

export interface ProviderSegment {
  readonly type: string;
  readonly physicalNetwork: string | null;
  readonly number: number | null;
}

/** Of `network_vlan_ranges`; none with a range, so that projects get no VLAN by themselves. */
export const vlanPhysicalNetworks = ['physnet1', 'public'];

const physicalMtu = 1500;
/** What is left by headers: IP's, and those of the tunnel. @see type_tunnel.py, type_vxlan.py, type_gre.py, type_geneve.py */
const overheads: Readonly<Record<string, number>> = { vxlan: 50, geneve: 50, gre: 42 };
const tunnels = Object.keys(overheads);
const networkTypes = new Set([...tunnels, 'local', 'flat', 'vlan']);

export const largestMtu = (type: string): number => physicalMtu - (overheads[type] ?? 0);

/**
 * A network's segment, free until now.
 * @throws Fault 400; 409 for one that is in use; 503 where projects have none of what was asked for
 */
export function segmentFor(state: NetworkState, network: NetworkRow): ProviderSegment {
  const given = givenIn(network);
  if (!given) return tenantSegment(state, network);
  validate(given);
  if (isPartial(given)) {
    if (given.type === 'vxlan') return tenantSegment(state, network);
    const words = 'Unable to create the network. No project network is available for allocation.';
    throw new Fault('unavailable', words, { type: 'NoNetworkAvailable' });
  }
  requireFree(state, given);
  return given;
}

/**
 * The number that a VLAN is changed to, if it is.
 * @throws Fault 400 for any other change, 409
 * @see openstack/neutron:neutron/plugins/ml2/plugin.py _update_provider_network_attributes
 */
export function changedNumber(
  state: NetworkState,
  network: NetworkRow,
  changes: Readonly<Record<string, unknown>>,
): number | undefined {
  const fixed = ['provider:network_type', 'provider:physical_network'];
  if (fixed.some((name) => name in changes && changes[name] !== network[name])) {
    const words = 'Plugin does not support updating the following provider network attributes';
    throw invalidInput(`${words}: ${fixed.join(', ')}`);
  }
  const number = changes['provider:segmentation_id'] as number | undefined;
  if (!number) return undefined;
  const type = network['provider:network_type'];
  if (type !== 'vlan') throw invalidInput('Only VLAN type networks can be updated.');
  const segment = { type, physicalNetwork: network['provider:physical_network'], number };
  validate(segment);
  requireFree(state, segment);
  return number;
}

/** Undefined where none of the attributes was given. @throws Fault 400 */
function givenIn(network: Readonly<Record<string, unknown>>): ProviderSegment | undefined {
  const [type, physicalNetwork, number] = ['network_type', 'physical_network', 'segmentation_id'].map(
    (name) => network[`provider:${name}`],
  );
  if (type === undefined && physicalNetwork === undefined && number === undefined) return undefined;
  if (type === undefined) throw invalidInput('network_type required');
  return {
    type: type as string,
    physicalNetwork: (physicalNetwork as string | undefined) ?? null,
    number: (number as number | undefined) ?? null,
  };
}

/** @throws Fault 400 */
function validate({ type, physicalNetwork, number }: ProviderSegment): void {
  if (!networkTypes.has(type)) throw invalidInput(`network_type value '${type}' not supported`);
  if (type === 'vlan') return validateVlan(physicalNetwork, number);
  if (type === 'flat' && !physicalNetwork) throw invalidInput('physical_network required for flat provider network');
  if (type !== 'flat' && physicalNetwork) {
    throw invalidInput(
      type === 'local'
        ? 'physical_network prohibited for local provider network'
        : `provider:physical_network specified for ${type} network`,
    );
  }
  if (number && !tunnels.includes(type)) throw invalidInput(`segmentation_id prohibited for ${type} provider network`);
}

function validateVlan(physicalNetwork: string | null, number: number | null): void {
  if (physicalNetwork) {
    if (!vlanPhysicalNetworks.includes(physicalNetwork))
      throw invalidInput(`physical_network '${physicalNetwork}' unknown for VLAN provider network`);
    if (number !== null && (number < 1 || number > 4094))
      throw invalidInput('segmentation_id out of range (1 through 4094)');
  } else if (number !== null) throw invalidInput('segmentation_id requires physical_network for VLAN provider network');
}

/** Flat and local networks have no number to be left out. */
const isPartial = ({ type, number }: ProviderSegment): boolean =>
  number === null && (type === 'vlan' || tunnels.includes(type));

/** A tunnel, external networks included (`external_network_type` is not set where nobody sets it). */
function tenantSegment(state: NetworkState, network: NetworkRow): ProviderSegment {
  const segment = (number: number): ProviderSegment => ({ type: 'vxlan', physicalNetwork: null, number });
  let number = 10_000 + ((network['standard_attr_id'] as number) % 1_000_000);
  while (isTaken(state, segment(number))) number += 1;
  return segment(number);
}

const isTaken = (state: NetworkState, { type, physicalNetwork, number }: ProviderSegment): boolean =>
  state.tables.segment
    .where('segmentation_id', number)
    .some((one) => one['network_type'] === type && one['physical_network'] === physicalNetwork);

/** @throws Fault 409 */
function requireFree(state: NetworkState, segment: ProviderSegment): void {
  const { type, physicalNetwork, number } = segment;
  if (type === 'local' || !isTaken(state, segment)) return;
  const [exception, words] =
    type === 'flat'
      ? ['FlatNetworkInUse', `Unable to create the flat network. Physical network ${physicalNetwork} is in use.`]
      : type === 'vlan'
        ? [
            'VlanIdInUse',
            `Unable to create the network. The VLAN ${number} on physical network ${physicalNetwork} is in use.`,
          ]
        : ['TunnelIdInUse', `Unable to create the network. The tunnel ID ${number} is in use.`];
  throw conflict(exception!, words!);
}
