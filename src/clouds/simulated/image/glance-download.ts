/**
 * `glance-download`: the bytes of an image of another region of the same Keystone, fetched with the caller's token.
 * @see openstack/glance:glance/async_/flows/_internal_plugins/glance_download.py
 */
import { Readable } from 'node:stream';
import { isObject } from '../../../openstack/body.js';
import { Fault } from '../../../openstack/faults.js';
import { noContent, type OpenStackResponse } from '../../../openstack/message.js';
import type { Asked } from '../../../openstack/route.js';
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
  fetched(`${glance}/v2/images/${encodeURIComponent(id)}/file`, asked.caller.token)
    .then((source) => images.bytes.write(image.id, source))
    .then((written) => {
      // Deleted meanwhile: what was written goes with it.
      if (images.row(image.id) !== image) return images.bytes.remove(image.id);
      images.change(image, { status: 'active', ...written, virtual_size: written.size });
      return ended('success');
    })
    .catch((error: Error) => {
      if (images.row(image.id) === image) images.change(image, { status: 'queued' });
      ended('failure', error.message);
    });
  return noContent(202);
}

/** @throws Error where there are no bytes */
async function fetched(url: string, token: string): Promise<Readable> {
  const answer = await fetch(url, { redirect: 'error', headers: { 'x-auth-token': token } });
  if (!answer.ok || !answer.body) throw new Error(`${new URL(url).host} answered ${answer.status}`);
  return Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
}
