/** Images of servers. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { nameWithSpaces } from '@cascade/openstack-protocol/compute/parameter-types.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { metadata } from '@cascade/openstack-adapter/compute/server-schemas.js';
import type { Cloud } from '../cloud.js';
import { requireState } from '../servers/asked-server.js';
import type { Server, VmState } from '../servers/server.js';
import type { Actions } from './action.js';

const states: readonly VmState[] = ['active', 'stopped', 'paused', 'suspended'];

const checkImage = bodyCheck({
  type: 'object',
  properties: { name: nameWithSpaces, metadata },
  required: ['name'],
  additionalProperties: false,
});

const checkBackup = bodyCheck({
  type: 'object',
  properties: {
    name: nameWithSpaces,
    metadata,
    backup_type: { type: 'string' },
    rotation: { type: ['integer', 'string'], pattern: '^[0-9]*$', minimum: 0 },
  },
  required: ['name', 'backup_type', 'rotation'],
  additionalProperties: false,
});

interface Wanted {
  readonly name: string;
  readonly metadata?: Record<string, string>;
}

export const imageActions: Actions = {
  createImage: {
    journal: 'createImage',
    run: (cloud, asked, server, given) => {
      checkImage(given);
      requireState(server, 'createImage', states);
      return snapshot(cloud, asked, server, given as Wanted, 'image_snapshot');
    },
  },
  createBackup: {
    journal: 'createBackup',
    run: (cloud, asked, server, given) => {
      checkBackup(given);
      requireState(server, 'createBackup', states);
      if (server.imageId === '') {
        throw new Fault('bad-request', `Instance ${server.id} is volume-backed: backup is not supported.`);
      }
      const { rotation, ...wanted } = given as Wanted & { rotation: number | string };
      const answer = snapshot(cloud, asked, server, wanted, 'image_backup');
      return Number(rotation) === 0 ? noContent(202) : answer;
    },
  },
};

function snapshot(cloud: Cloud, asked: Asked, server: Server, wanted: Wanted, task: string): OpenStackResponse {
  const { userId } = asked.caller;
  const { id: serverId, projectId, imageId: baseImageId } = server;
  const { name, metadata: properties = {} } = wanted;
  const id = cloud.images.addSnapshot({
    name: name.trim(),
    projectId,
    userId,
    serverId,
    baseImageId,
    metadata: properties,
  });
  cloud.servers.change(serverId, { taskState: task });
  cloud.after('server snapshot', 'end transition', { id: serverId, task, atEnd: {} });
  if (atLeast(asked.microversion, '2.45')) return json(202, { image_id: id });
  return { ...noContent(202), headers: { location: `${asked.publicUrl}/image/v2/images/${id}` } };
}
