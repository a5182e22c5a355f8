/**
 * `glance-download`: the bytes of an image of another region of the same Keystone, fetched with the caller's token.
 * @see openstack/glance:glance/async_/flows/_internal_plugins/glance_download.py
 */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { fetched, fill } from './arriving.js';
import type { Image } from './image.js';
import type { Images } from './images.js';
import { addTask } from './import-task.js';

export function isGlanceDownload({ glances }: Images, { method }: Record<string, unknown>): boolean {
  return glances.size > 0 && isObject(method) && method['name'] === 'glance-download';
}

/** @throws Fault 400, 404, 409 */
export function glanceDownload(
  images: Images,
  asked: Asked,
  image: Image,
  body: Record<string, unknown>,
): OpenStackResponse {
  const { glance_region: region, glance_image_id: id } = body['method'] as Record<string, unknown>;
  if (typeof region !== 'string' || typeof id !== 'string') {
    const lacking = typeof region === 'string' ? 'glance_image_id' : 'glance_region';
    throw new Fault('bad-request', `'${lacking}' needs to be set for glance-download import method`);
  }
  const glance = images.glances.get(region);
  if (glance === undefined) throw new Fault('not-found', `Image endpoint of region ${region} not found`);
  if (image.status !== 'queued') {
    throw new Fault('conflict', "Image needs to be in 'queued' state to use 'glance-download' method");
  }
  const task = addTask(images, asked, image, body);
  images.change(image, { status: 'importing' });
  const ended = (status: 'success' | 'failure', message = ''): void => {
    Object.assign(task, { status, message, updatedAt: images.now() });
  };
  fetched(new URL(`${glance}/v2/images/${encodeURIComponent(id)}/file`), { 'x-auth-token': asked.caller.token })
    .then((source) => fill(images, image, source))
    .then((isThere) => (isThere ? ended('success') : undefined))
    .catch((error: Error) => {
      if (images.row(image.id) === image) images.change(image, { status: 'queued' });
      ended('failure', error.message);
    });
  return noContent(202);
}
