/** Address groups, which security group rules refer to. @see openstack/neutron:neutron/db/address_group_db.py */
import { formatPrefix, parsePrefix } from '@cascade/openstack-protocol/network/ip-addresses.js';
import { attribute, identity, standard, structure } from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest, conflict, invalidValue } from '@cascade/openstack-adapter/network/faults.js';
import { flag, listOf, shown, type Reader } from '@cascade/openstack-adapter/network/readers.js';
import { collection, type Rules } from '../collection/collection.js';
import type { AddressGroupRow } from '../rows.js';
import type { NetworkState } from '../state.js';

/** An address alone is kept as a prefix of full length. */
const member: Reader = (value, name) => {
  const found = typeof value === 'string' ? parsePrefix(value) : undefined;
  if (!found) throw invalidValue(name, `'${shown(value)}' is not a valid IP subnet`);
  return formatPrefix(found);
};
const members = listOf(member);

const rules: Rules<AddressGroupRow> = {
  remove(state, row) {
    if (state.tables.security_group_rule.count('remote_address_group_id', row.id) === 0) return;
    const words = `Address group ${row.id} is in use on one or more security group rules.`;
    throw conflict('AddressGroupInUse', words);
  },
  view: (state, row, caller) => ({ shared: state.isShared(row.id, caller.projectId) }),
  seenBy: (state, row, caller) => state.isShared(row.id, caller.projectId),
};

export const addressGroups = collection<AddressGroupRow>({
  path: '/address-groups',
  table: 'address_group',
  key: 'address_group',
  keys: 'address_groups',
  alias: 'address-group',
  verbs: 'CUD',
  rules,
  attributes: {
    ...identity,
    shared: attribute(flag, { in: 'never', sorts: false, alias: 'rbac-address-group' }),
    addresses: structure(members, { in: 'create', byDefault: [] }),
    ...standard,
  },
});

/** `PUT /address-groups/{id}/add_addresses` and its opposite. @throws Fault 400, 404 */
export function changeAddresses(
  state: NetworkState,
  group: AddressGroupRow,
  body: Record<string, unknown>,
  adds: boolean,
) {
  if (!Array.isArray(body['addresses'])) throw badRequest("Unable to find 'addresses' in request body");
  const given = members(body['addresses'], 'addresses') as string[];
  const known = given.filter((one) => group.addresses.includes(one));
  if (adds && known.length > 0) {
    const listed = known.map((one) => `'${one}'`).join(', ');
    throw badRequest(`Addresses [${listed}] already exist in the address group ${group.id}.`, 'AddressesAlreadyExist');
  }
  const lacking = given.filter((one) => !group.addresses.includes(one));
  if (!adds && lacking.length > 0) {
    const listed = lacking.map((one) => `'${one}'`).join(', ');
    throw badRequest(`Addresses [${listed}] not found in the address group ${group.id}.`, 'AddressesNotFound');
  }
  const addresses = adds ? [...group.addresses, ...given] : group.addresses.filter((one) => !given.includes(one));
  state.change(state.tables.address_group, group, { addresses });
}
