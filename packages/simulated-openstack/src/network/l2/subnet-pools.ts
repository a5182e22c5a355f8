/** Subnet pools and address scopes: prefixes that subnets are cut from. @see openstack/neutron:neutron/ipam/subnet_alloc.py */
import {
  formatPrefix,
  overlap,
  parsePrefix,
  prefixAt,
  type Prefix,
} from '@cascade/openstack-protocol/network/ip-addresses.js';
import { attribute, computed, identity, standard, structure } from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest, conflict, invalidInput, missing } from '@cascade/openstack-adapter/network/faults.js';
import { cidr, flag, id, integer, listOf, nonNegative, orNone } from '@cascade/openstack-adapter/network/readers.js';
import { collection, type Rules } from '../collection/collection.js';
import type { SubnetPoolRow, SubnetRow } from '../rows.js';
import type { NetworkState } from '../state.js';
import type { Row } from '../collection/table.js';

/** A prefix for a subnet that names none. @throws Fault 400, 404, 409 */
export function cidrFromPool(state: NetworkState, subnet: SubnetRow, length: number | undefined): string {
  if (!subnet.subnetpool_id)
    throw badRequest('Bad subnets request: a subnetpool must be specified in the absence of a cidr.', 'BadRequest');
  const pool = state.tables.subnetpool.require(subnet.subnetpool_id);
  const wanted = length ?? pool.default_prefixlen;
  if (wanted < pool.min_prefixlen || wanted > pool.max_prefixlen) {
    const [side, most] = wanted < pool.min_prefixlen ? ['min', pool.min_prefixlen] : ['max', pool.max_prefixlen];
    const words = `Unable to allocate subnet with prefix length ${wanted}, ${side === 'min' ? 'minimum' : 'maximum'} allowed prefix is ${most}.`;
    throw badRequest(words, side === 'min' ? 'MinPrefixSubnetAllocationError' : 'MaxPrefixSubnetAllocationError');
  }
  const used = state.tables.subnet.where('subnetpool_id', pool.id).map((one) => parsePrefix(one.cidr)!);
  for (const text of pool.prefixes) {
    const free = firstFree(parsePrefix(text)!, wanted, used);
    if (free) return formatPrefix(free);
  }
  throw conflict(
    'SubnetAllocationError',
    'Failed to allocate subnet: Insufficient prefix space to allocate subnet size /' + wanted + '.',
  );
}

function firstFree(space: Prefix, length: number, used: readonly Prefix[]): Prefix | undefined {
  if (length < space.length) return undefined;
  let value = space.first;
  while (value <= space.last) {
    const candidate = prefixAt({ version: space.version, value }, length);
    const other = used.find((one) => one.version === candidate.version && overlap(one, candidate));
    if (!other) return candidate;
    // The next that begins behind what is in the way, at its own boundary.
    const behind = (other.last > candidate.last ? other.last : candidate.last) + 1n;
    const aligned = prefixAt({ version: space.version, value: behind }, length).first;
    value = aligned < behind ? aligned + (candidate.last - candidate.first + 1n) : aligned;
  }
  return undefined;
}

const poolRules: Rules<SubnetPoolRow> = {
  create(state, row) {
    const prefixes = row.prefixes.map((text) => parsePrefix(text)!);
    const [first] = prefixes;
    if (!first) throw badRequest('Empty subnet pool prefix list.', 'EmptySubnetPoolPrefixList');
    if (prefixes.some(({ version }) => version !== first.version)) {
      throw badRequest('Cannot mix IPv4 and IPv6 prefixes in a subnet pool.', 'PrefixVersionMismatch');
    }
    if (row.address_scope_id) state.tables.address_scope.require(row.address_scope_id);
    const least = (row.min_prefixlen as number | undefined) ?? (first.version === 4 ? 8 : 64);
    const most = (row.max_prefixlen as number | undefined) ?? (first.version === 4 ? 32 : 128);
    const usual = (row.default_prefixlen as number | undefined) ?? least;
    const bounds = (...words: readonly string[]) =>
      badRequest(`Illegal prefix bounds: ${words.join(', ')}.`, 'IllegalSubnetPoolPrefixBounds');
    const longest = first.version === 4 ? 32 : 128;
    if (most > longest) throw bounds(`max_prefixlen=${most}`, `ip_version_max=${longest}`);
    if (least > most) throw bounds(`min_prefixlen=${least}`, `max_prefixlen=${most}`);
    if (usual < least) throw bounds(`default_prefixlen=${usual}`, `min_prefixlen=${least}`);
    if (usual > most) throw bounds(`default_prefixlen=${usual}`, `max_prefixlen=${most}`);
    Object.assign(row, {
      ip_version: first.version,
      min_prefixlen: least,
      max_prefixlen: most,
      default_prefixlen: usual,
    });
  },
  remove(state, row) {
    if (state.tables.subnet.count('subnetpool_id', row.id) === 0) return;
    const words = `Unable to complete operation on Subnet pool ${row.id}. Reason: Subnet pool has existing allocations.`;
    throw conflict('SubnetPoolDeleteError', words);
  },
  view: (state, row, caller) => ({ shared: state.isShared(row.id, caller.projectId) }),
  seenBy: (state, row, caller) => state.isShared(row.id, caller.projectId),
};

const length = structure(nonNegative, { filters: true });

export const subnetPools = collection<SubnetPoolRow>({
  path: '/subnetpools',
  table: 'subnetpool',
  key: 'subnetpool',
  keys: 'subnetpools',
  alias: 'subnet_allocation',
  verbs: 'CUD',
  limited: 'subnetpool',
  tagged: true,
  rules: poolRules,
  attributes: {
    ...identity,
    prefixes: structure(listOf(cidr), { required: true }),
    default_quota: attribute(orNone(nonNegative), { byDefault: null }),
    ip_version: computed(integer(4, 6)),
    default_prefixlen: length,
    min_prefixlen: length,
    max_prefixlen: length,
    is_default: attribute(flag, { byDefault: false, adminSets: true, alias: 'default-subnetpools' }),
    shared: attribute(flag, { in: 'never', sorts: false }),
    address_scope_id: attribute(orNone(id), { byDefault: null, alias: 'address-scope' }),
    ...standard,
  },
});

const scopeRules: Rules<Row> = {
  remove(state, row) {
    if (state.tables.subnetpool.count('address_scope_id', row.id) === 0) return;
    const words = `Unable to complete operation on address scope ${row.id}. There are one or more subnet pools in use on the address scope`;
    throw conflict('AddressScopeInUse', words);
  },
  view: (state, row, caller) => ({ shared: state.isShared(row.id, caller.projectId) }),
  seenBy: (state, row, caller) => state.isShared(row.id, caller.projectId),
};

export const addressScopes = collection<Row>({
  path: '/address-scopes',
  table: 'address_scope',
  key: 'address_scope',
  keys: 'address_scopes',
  alias: 'address-scope',
  verbs: 'CUD',
  rules: scopeRules,
  attributes: {
    ...identity,
    shared: attribute(flag, { in: 'never', sorts: false }),
    ip_version: attribute(integer(4, 6), { in: 'create', required: true }),
    project_id: standard['project_id']!,
  },
});

/** `PUT /subnetpools/{id}/add_prefixes` and its opposite. @throws Fault 400 */
export function changePrefixes(state: NetworkState, pool: SubnetPoolRow, body: Record<string, unknown>, adds: boolean) {
  if (!('prefixes' in body)) throw invalidInput("Unable to find 'prefixes' in request body");
  const given = listOf(cidr)(body['prefixes'], 'prefixes') as string[];
  const kept = pool.prefixes.filter((prefix) => !given.includes(prefix));
  const lacking = given.find((prefix) => !adds && !pool.prefixes.includes(prefix));
  if (lacking !== undefined) throw missing('IllegalSubnetPoolPrefixUpdate', `Illegal update to prefixes: ${lacking}`);
  state.change(state.tables.subnetpool, pool, { prefixes: adds ? [...kept, ...given] : kept });
  return { prefixes: pool.prefixes };
}
