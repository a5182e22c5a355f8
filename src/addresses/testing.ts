import { parseAddress } from '@cascade/openstack-protocol/network/ip-addresses.js';
import type { Pool } from '@cascade/openstack-protocol/network/address-ranges.js';
import type { Database } from '../database/database.js';
import type { Slices } from './slices.js';

/** @returns their ids */
export async function addSites(database: Database, ...names: string[]): Promise<number[]> {
  const rows = await database.many<{ id: number }>(
    `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
     select name, 'enabled', 'http://' || name, 'RegionOne', 'public', true, '', '{}'
       from unnest($1::text[]) with ordinality as t (name, at) order by at returning id`,
    [names],
  );
  return rows.map(({ id }) => id);
}

/** `10.0.0.2-10.0.0.9` */
export const pool = (text: string): Pool => {
  const [start = '', end = start] = text.split('-');
  return { start, end };
};
export const textOf = (pools: readonly Pool[]): string[] =>
  pools.map(({ start, end }) => (start === end ? start : `${start}-${end}`));

export const sizeOf = (pools: readonly Pool[]): number =>
  pools.reduce((size, { start, end }) => size + Number(parseAddress(end)!.value - parseAddress(start)!.value) + 1, 0);

/** A site's Neutron is given its pools, and shows them together with what is allocated there. */
export async function confirm(
  slices: Slices,
  subnetId: string,
  siteId: number,
  allocated: readonly string[] = [],
): Promise<Pool[]> {
  const [move] = await slices.leaving(subnetId);
  const pools = await slices.poolsAt(subnetId, siteId);
  return slices.settle(subnetId, siteId, { version: move?.version ?? 0, pools, allocated });
}
