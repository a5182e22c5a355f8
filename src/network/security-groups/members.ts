/** Which addresses belong to a security group, and in which site each is. */
import type { Database } from '../../database/database.js';

export interface MembersAt {
  readonly siteId: number;
  /** Addresses, and the prefixes that their ports may use besides. */
  readonly addresses: readonly string[];
}

/** By the id of the group. */
export type Members = ReadonlyMap<string, readonly MembersAt[]>;

/**
 * As Neutron counts them: all ports with the group, by their fixed addresses and their allowed address pairs.
 * @see openstack/neutron:neutron/db/securitygroups_rpc_base.py _select_ips_for_remote_group
 */
export async function membersOf(database: Database, groupIds: readonly string[]): Promise<Members> {
  const members = new Map<string, MembersAt[]>();
  if (groupIds.length === 0) return members;
  const rows = await database.many<{ group_id: string; site_id: number; addresses: string[] }>(
    `select g.id as group_id, r.site_id, array_agg(distinct a.address) as addresses
       from unnest($1::text[]) g(id)
       join resource r on r.kind = 'port' and r.deleted_at is null and r.facts->'security_groups' @> to_jsonb(array[g.id])
       cross join lateral (
         select f->>'ip_address' as address from jsonb_array_elements(${arrayIn('fixed_ips')}) f
         union all
         select p->>'ip_address' from jsonb_array_elements(${arrayIn('allowed_address_pairs')}) p) a
      where a.address is not null
      group by g.id, r.site_id`,
    [groupIds],
  );
  for (const { group_id: id, site_id: siteId, addresses } of rows)
    members.set(id, [...(members.get(id) ?? []), { siteId, addresses }]);
  return members;
}

const arrayIn = (name: string): string =>
  `case jsonb_typeof(r.facts->'${name}') when 'array' then r.facts->'${name}' else '[]'::jsonb end`;
