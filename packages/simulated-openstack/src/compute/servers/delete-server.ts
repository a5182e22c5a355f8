/** A server goes: its task first, then ports and volumes, then itself. */
import { noContent } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../cloud.js';
import { requireUnlocked, serverAsked } from './asked-server.js';
import type { Server } from './server.js';

export function deleteServer(cloud: Cloud): Answer {
  return (asked) => {
    const server = serverAsked(cloud, asked);
    requireUnlocked(asked, server);
    beginDeletion(cloud, asked, server);
    return Promise.resolve(noContent(204));
  };
}

/** A deletion that is under way is asked for again without harm, as in Nova. */
export function beginDeletion(cloud: Cloud, asked: Asked, server: Server): void {
  if (server.taskState === 'deleting') return;
  if (server.taskState === 'scheduling') return forgetUnscheduled(cloud, server);
  cloud.journal.note(server, 'delete', asked);
  cloud.servers.change(server.id, { taskState: 'deleting' });
  cloud.after('server delete', 'finish deletion', { id: server.id });
}

/**
 * Until it is scheduled there is nothing of it but the request to build it, which leaves no row behind.
 * @see openstack/nova:nova/compute/api.py _delete_while_booting
 */
function forgetUnscheduled(cloud: Cloud, server: Server): void {
  release(cloud, server);
  cloud.servers.forget(server.id);
}

export function finishDeletion(cloud: Cloud, id: string): void {
  const server = cloud.servers.living(id);
  if (!server) return;
  release(cloud, server);
  cloud.servers.remove(id);
}

function release(cloud: Cloud, { id, volumes }: Server): void {
  cloud.networks.unplugDevice(id);
  for (const { id: volumeId, deleteOnTermination } of volumes) {
    cloud.volumes.detach(volumeId, id);
    if (deleteOnTermination) cloud.volumes.remove(volumeId);
  }
}
