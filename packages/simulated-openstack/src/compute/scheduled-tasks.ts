/** What a Nova does later. */
import type { Cloud } from '../cloud.js';
import { finishAttachment, releaseVolume } from './attachments.js';
import { releasePort } from './interfaces.js';
import { bootServer, scheduleServer } from './servers/build-server.js';
import { finishDeletion } from './servers/delete-server.js';
import type { AttachedVolume } from './servers/server.js';
import { endTransition, type Ending } from './servers/transitions.js';

interface One {
  readonly id: string;
}

export type ServerTasks = ReturnType<typeof serverTasks>;

export const serverTasks = (cloud: Cloud) => ({
  'schedule server': ({ id, host }: One & { host?: string | undefined }): void => scheduleServer(cloud, id, host),
  'boot server': ({ id }: One): void => bootServer(cloud, id),
  'finish deletion': ({ id }: One): void => finishDeletion(cloud, id),
  'end transition': (about: Ending): void => endTransition(cloud, about),
  'finish attachment': ({ serverId, volume }: { serverId: string; volume: AttachedVolume }): void =>
    finishAttachment(cloud, serverId, volume),
  'release volume': ({ serverId, volumeId }: { serverId: string; volumeId: string }): void =>
    releaseVolume(cloud, serverId, volumeId),
  'release port': ({ serverId, portId }: { serverId: string; portId: string }): void =>
    releasePort(cloud, serverId, portId),
});
