/** A new beginning from an image, and the image to save a server with. */
import { randomBytes } from 'node:crypto';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { nameWithSpaces } from '@cascade/openstack-protocol/compute/parameter-types.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { selfLink } from '@cascade/openstack-adapter/compute/links.js';
import { metadata } from '@cascade/openstack-adapter/compute/server-schemas.js';
import type { Cloud } from '../cloud.js';
import { serverBody } from '../servers/server-body.js';
import type { Server } from '../servers/server.js';
import { begin, transitions } from '../servers/transitions.js';
import type { Actions } from './action.js';

const checkRebuild = bodyCheck({
  type: 'object',
  properties: {
    imageRef: { type: 'string' },
    name: nameWithSpaces,
    metadata,
    description: { type: ['string', 'null'] },
  },
  required: ['imageRef'],
});

const checkRescue = bodyCheck({
  type: ['object', 'null'],
  properties: { adminPass: { type: 'string' }, rescue_image_ref: { type: 'string' } },
  additionalProperties: false,
});

export const adminPass = (): string => randomBytes(9).toString('base64url');

export const rebuildActions: Actions = {
  rebuild: {
    journal: 'rebuild',
    run: (cloud, asked, server, given) => {
      checkRebuild(given);
      const rebuilt = rebuild(cloud, asked, server, given as Rebuild);
      const password = (given as { adminPass?: string }).adminPass ?? adminPass();
      const body = {
        ...serverBody(cloud, asked, rebuilt, 'changed'),
        adminPass: password,
        ...rebuiltWith(asked, rebuilt),
      };
      return json(202, { server: body }, { location: selfLink(asked, 'servers', server.id) });
    },
  },
  rescue: {
    journal: 'rescue',
    run: (cloud, asked, server, given) => {
      checkRescue(given);
      const { rescue_image_ref: image, adminPass: wanted } = (given ?? {}) as Record<string, string>;
      if (image !== undefined) imageFor(cloud, asked, image);
      begin(cloud, server, transitions.rescue);
      return json(200, { adminPass: wanted ?? adminPass() });
    },
  },
  unrescue: {
    journal: 'unrescue',
    run: (cloud, _asked, server) => {
      begin(cloud, server, transitions.unrescue);
      return noContent(202);
    },
  },
};

interface Rebuild {
  readonly imageRef: string;
  readonly name?: string;
  readonly metadata?: Record<string, string>;
  readonly description?: string | null;
  readonly accessIPv4?: string;
  readonly accessIPv6?: string;
}

function rebuild(cloud: Cloud, asked: Asked, server: Server, wanted: Rebuild): Server {
  const image = imageFor(cloud, asked, wanted.imageRef);
  const { name, metadata: given, description, accessIPv4, accessIPv6 } = wanted;
  const vmState = server.vmState === 'stopped' ? 'stopped' : 'active';
  const launchedAt = cloud.clock.now();
  return begin(cloud, server, transitions.rebuild, {
    atOnce: {
      ...(server.imageId ? { imageId: image } : {}),
      ...(name === undefined ? {} : { name: name.trim() }),
      ...(given === undefined ? {} : { metadata: given }),
      ...(description === undefined ? {} : { description }),
      ...(accessIPv4 === undefined ? {} : { accessIPv4 }),
      ...(accessIPv6 === undefined ? {} : { accessIPv6 }),
    },
    atEnd: { fault: null, launchedAt, vmState },
  });
}

/** What only the answer to a rebuild says. */
const rebuiltWith = (asked: Asked, server: Server): Record<string, unknown> => ({
  ...(atLeast(asked.microversion, '2.54') ? { key_name: server.keyName } : {}),
  ...(atLeast(asked.microversion, '2.57') ? { user_data: server.userData } : {}),
});

/** @throws Fault 400 for an image that is not there, not the caller's to use, or not ready */
function imageFor(cloud: Cloud, asked: Asked, ref: string): string {
  const image = cloud.images.usableBy(asked.caller, ref.split('/').at(-1) ?? '');
  if (!image) throw new Fault('bad-request', 'Cannot find image for rebuild');
  if (image.status !== 'active') throw new Fault('bad-request', `Image ${image.id} is not active.`);
  return image.id;
}
