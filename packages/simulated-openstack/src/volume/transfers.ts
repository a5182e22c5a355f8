/** Giving a volume to another project. @see openstack/cinder:cinder/transfer/api.py */
import { randomBytes, randomUUID } from 'node:crypto';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { pageAsked } from '@cascade/openstack-protocol/volume/cinder-paging.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { invalidVolume, noSuch, required } from '@cascade/openstack-adapter/volume/refusals.js';
import { bodyUnder, requireRow, textOrNone } from './asked.js';
import { pageOf } from './list.js';
import { pagedTransfers } from './listed.js';
import type { Transfer } from './volume.js';
import type { Volumes } from './volumes.js';
import { linksOf, timeOf } from './view.js';

/** The same under two names: `volume-transfers` came with 3.55. */
export const transferRoutes = (volumes: Volumes): Route[] => [
  ...routesAt(volumes, '/os-volume-transfer', {}),
  ...routesAt(volumes, '/volume-transfers', { since: '3.55' }),
];

function routesAt(volumes: Volumes, path: string, range: { since?: string }): Route[] {
  const collection = path.slice(1);
  const brief = (asked: Asked, { id, volumeId, name }: Transfer) => ({
    id,
    volume_id: volumeId,
    name,
    links: linksOf(asked, collection, id),
  });
  const detail = (asked: Asked, transfer: Transfer) => ({
    ...brief(asked, transfer),
    created_at: timeOf(transfer.createdAt),
    ...(atLeast(asked.microversion, '3.55') ? { no_snapshots: transfer.noSnapshots } : {}),
    ...(atLeast(asked.microversion, '3.57')
      ? { source_project_id: transfer.sourceProjectId, destination_project_id: null, accepted: false }
      : {}),
  });
  const visible = (asked: Asked): Transfer[] => {
    const { caller, query } = asked;
    const all = caller.isAdmin && booleanWord(query.get('all_tenants') ?? 'false') === true;
    const rows = [...volumes.transfers.values()].filter((one) => all || one.sourceProjectId === caller.projectId);
    if (range.since && atLeast(asked.microversion, '3.59')) return pageOf(asked, pagedTransfers, rows);
    const { limit, offset } = pageAsked(asked);
    return rows.slice(offset, offset + limit);
  };
  const own = (asked: Asked): Transfer => {
    const id = asked.params['transfer_id'] ?? '';
    const transfer = volumes.transfers.get(id);
    const isOwn = transfer && (asked.caller.isAdmin || transfer.sourceProjectId === asked.caller.projectId);
    if (!isOwn) throw noSuch('Transfer', id);
    return transfer;
  };
  return [
    route(
      `GET ${path}`,
      'reader',
      async (asked) => json(200, { transfers: visible(asked).map((one) => brief(asked, one)) }),
      range,
    ),
    route(
      `GET ${path}/detail`,
      'reader',
      async (asked) => json(200, { transfers: visible(asked).map((one) => detail(asked, one)) }),
      range,
    ),
    route(
      `GET ${path}/{transfer_id}`,
      'reader',
      async (asked) => json(200, { transfer: detail(asked, own(asked)) }),
      range,
    ),
    route(
      `POST ${path}`,
      'member',
      async (asked) => {
        const transfer = await create(volumes, asked);
        return json(202, { transfer: { ...detail(asked, transfer), auth_key: transfer.authKey } });
      },
      range,
    ),
    route(
      `POST ${path}/{transfer_id}/accept`,
      'member',
      async (asked) => {
        const transfer = await accept(volumes, asked);
        return json(202, { transfer: brief(asked, transfer) });
      },
      range,
    ),
    route(
      `DELETE ${path}/{transfer_id}`,
      'member',
      async (asked) => {
        const transfer = own(asked);
        volumes.transfers.delete(transfer.id);
        const volume = volumes.volumes.get(transfer.volumeId);
        if (volume?.status === 'awaiting-transfer') volumes.change(volume, { status: 'available' });
        return noContent(202);
      },
      range,
    ),
  ];
}

async function create(volumes: Volumes, asked: Asked): Promise<Transfer> {
  const given = await bodyUnder(asked, 'transfer');
  if (given['volume_id'] === undefined) throw required('volume_id');
  const volume = requireRow(volumes.volumes, 'Volume', asked, given['volume_id']);
  if (volume.status !== 'available') throw invalidVolume('status must be available');
  const transfer: Transfer = {
    id: randomUUID(),
    name: textOrNone(given, 'name'),
    volumeId: volume.id,
    authKey: randomBytes(8).toString('hex'),
    noSnapshots: given['no_snapshots'] === true,
    sourceProjectId: volume.projectId,
    createdAt: volumes.now(),
  };
  volumes.transfers.set(transfer.id, transfer);
  volumes.change(volume, { status: 'awaiting-transfer' });
  return transfer;
}

/** @throws Fault 400 for a wrong key, 404, 413 where the taker has no room */
async function accept(volumes: Volumes, asked: Asked): Promise<Transfer> {
  const { auth_key: key } = await bodyUnder(asked, 'accept');
  const transfer = volumes.transfers.get(asked.params['transfer_id'] ?? '');
  const volume = transfer && volumes.volumes.get(transfer.volumeId);
  if (!transfer || !volume) throw noSuch('Transfer', asked.params['transfer_id'] ?? '');
  if (key !== transfer.authKey)
    throw new Fault('bad-request', `Invalid auth key: Attempt to transfer ${transfer.id} with invalid auth key.`);
  const { projectId = '', userId } = asked.caller;
  volumes.requireRoom(projectId, volumes.wantedOf(volume));
  volumes.change(volume, { projectId, userId, status: 'available' });
  for (const snapshot of volumes.snapshots.values()) {
    if (snapshot.volumeId === volume.id) volumes.change(snapshot, { projectId, userId });
  }
  volumes.transfers.delete(transfer.id);
  return transfer;
}
