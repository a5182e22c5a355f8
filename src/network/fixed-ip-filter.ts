/** `fixed_ips=ip_address=10.0.0.3`: ports by what their addresses are. @see openstack/neutron:neutron/plugins/ml2/plugin.py */
import { pairsOf } from '@cascade/openstack-protocol/network/neutron-filter-values.js';
import { idAsKept } from '@cascade/openstack-protocol/filters/text-collation.js';
import { jsonb } from '../database/storable.js';
import { condition, type Condition } from '../resources/list-query.js';

const fields = ['ip_address', 'subnet_id', 'ip_address_substr'] as const;
type Field = (typeof fields)[number];

const isField = (name: string): name is Field => fields.some((field) => field === name);

/** Values of one field are alternatives; different fields must all be met, each by some address. */
export function fixedIpConditions(values: readonly string[]): Condition[] {
  const wanted = new Map<Field, string[]>();
  for (const [field, value] of pairsOf(values)) {
    if (isField(field)) wanted.set(field, [...(wanted.get(field) ?? []), value]);
  }
  return [...wanted].map(([field, of]) => conditionOf(field, of));
}

function conditionOf(field: Field, values: string[]): Condition {
  if (field === 'ip_address_substr') {
    // In a pattern of SQL, which Neutron does not quote; a backslash is no part of any address.
    return condition(
      `exists (select 1 from jsonb_path_query(r.facts, '$.fixed_ips[*].ip_address') a where a #>> '{}' ilike any(?::text[]))`,
      values.map((value) => `%${value.replaceAll('\\', '/')}%`),
    );
  }
  const rows = values.flatMap((value) => [value, idAsKept(value)]).map((value) => jsonb([{ [field]: value }]));
  return condition(`r.facts->'fixed_ips' @> any(?::jsonb[])`, rows);
}
