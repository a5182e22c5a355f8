/**
 * `fixed_ips=subnet_id=…&fixed_ips=ip_address=…`: ports by what their addresses are. Values of one field are alternatives;
 * different fields must all be met, each by some address, and what is no field says nothing.
 * @see openstack/neutron:neutron/plugins/ml2/plugin.py _get_ports_query
 */
import { pairsOf } from './neutron-filter-values.js';

const fields = ['subnet_id', 'ip_address', 'ip_address_substr'] as const;
export type FixedIpField = (typeof fields)[number];

const isField = (name: string): name is FixedIpField => fields.some((field) => field === name);

/** By field, the values that are asked for. @throws Fault 400 */
export function fixedIpsAsked(values: readonly string[]): ReadonlyMap<FixedIpField, readonly string[]> {
  const asked = new Map<FixedIpField, string[]>();
  for (const [field, value] of pairsOf(values))
    if (isField(field)) asked.set(field, [...(asked.get(field) ?? []), value]);
  return asked;
}
