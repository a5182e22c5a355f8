/** Volumes on their way to another project: the same under two names, of which `volume-transfers` came with 3.55. */
import { route, type Route } from '../../openstack/route.js';
import type { World } from '../../routing/world.js';
import { create } from '../create.js';
import { reads, remove } from '../lists/on-demand.js';
import { transferReferences } from '../references.js';
import { acceptTransfer } from './accept-transfer.js';

export function transferRoutes(world: World): Route[] {
  const make = create(world, 'volume_transfer', transferReferences);
  const accept = acceptTransfer(world);
  const take = remove(world, 'volume_transfer', 'transfer_id');
  return [['/os-volume-transfer', {}] as const, ['/volume-transfers', { since: '3.55' }] as const].flatMap(
    ([path, range]) => [
      ...reads(world, 'volume_transfer', 'Transfer', path, 'transfer_id', range),
      route(`POST ${path}`, 'member', make, range),
      route(`POST ${path}/{transfer_id}/accept`, 'member', accept, range),
      route(`DELETE ${path}/{transfer_id}`, 'member', take, range),
    ],
  );
}
