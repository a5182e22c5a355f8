/** `fixed_ips=ip_address=10.0.0.3`: ports by what their addresses are. */
import { fixedIpsAsked, type FixedIpField } from '@cascade/openstack-protocol/network/fixed-ip-filter.js';
import { idAsKept } from '@cascade/openstack-protocol/filters/text-collation.js';
import { jsonb } from '../database/storable.js';
import { condition, type Condition } from '../resources/list-query.js';

export const fixedIpConditions = (values: readonly string[]): Condition[] =>
  [...fixedIpsAsked(values)].map(([field, of]) => conditionOf(field, of));

function conditionOf(field: FixedIpField, values: readonly string[]): Condition {
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
