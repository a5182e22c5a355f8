/** What a Nova does later. */
import type { Cloud, ServerTasks } from './cloud.js';
import { finishAttachment, releaseVolume } from './attachments.js';
import { releasePort } from './interfaces.js';
import { bootServer, scheduleServer } from './servers/build-server.js';
import { finishDeletion } from './servers/delete-server.js';
import { endTransition } from './servers/transitions.js';

export const serverTasks = (cloud: Cloud): ServerTasks => ({
  'schedule server': ({ id, host }) => scheduleServer(cloud, id, host),
  'boot server': ({ id }) => bootServer(cloud, id),
  'finish deletion': ({ id }) => finishDeletion(cloud, id),
  'end transition': (about) => endTransition(cloud, about),
  'finish attachment': ({ serverId, volume }) => finishAttachment(cloud, serverId, volume),
  'release volume': ({ serverId, volumeId }) => releaseVolume(cloud, serverId, volumeId),
  'release port': ({ serverId, portId }) => releasePort(cloud, serverId, portId),
});
