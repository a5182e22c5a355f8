/** Snapshots of volumes that a Cinder asks Nova to make. @see openstack/nova:nova/api/openstack/compute/assisted_volume_snapshots.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from './cloud.js';
import { noMapping } from './attachments.js';

export const assistedSnapshotRoutes = (cloud: Cloud): Route[] => [
  route('POST /os-assisted-volume-snapshots', 'admin', async (asked) => {
    const { snapshot } = (await asked.readJson()) as {
      snapshot: { volume_id: string; create_info: Record<string, unknown> };
    };
    const { volume_id: volumeId, create_info: info } = snapshot;
    const isAttached = [...cloud.servers.newestFirst()].some(({ volumes }) =>
      volumes.some(({ id }) => id === volumeId),
    );
    if (!isAttached) throw new Fault('bad-request', noMapping(volumeId).message);
    return json(200, { snapshot: { id: info['id'] ?? null, volumeId } });
  }),
];
