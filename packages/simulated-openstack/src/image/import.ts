/** Interoperable import. @see openstack/glance:glance/api/v2/images.py import_image, glance/async_/flows/api_image_import.py */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { glanceDownload, isGlanceDownload } from './glance-download.js';
import { importMethods, type Image, type ImportMethod } from './image.js';
import { addTask } from './import-task.js';
import { requireOwnImage, type Images } from './images.js';

/** Glance's own filter: what web-download may ask for. @see its options allowed_schemes and allowed_ports */
export const isAllowed = ({ importPorts }: Images, { protocol, port }: URL): boolean =>
  (protocol === 'http:' || protocol === 'https:') && importPorts.has(port);

export async function importImage(images: Images, asked: Asked): Promise<OpenStackResponse> {
  const image = requireOwnImage(images, asked.caller, asked.params['image_id'] ?? '', 'import_image');
  const body = await asked.readJson();
  if (isGlanceDownload(images, body)) return glanceDownload(images, asked, image, body);
  const { name, uri } = methodOf(body);
  checkState(image, name);
  const url = name === 'web-download' ? urlOf(images, uri) : undefined;
  const before = image.status;
  const { id: taskId } = addTask(images, asked, image, body);
  if (name !== 'copy-image') images.change(image, { status: 'importing' });
  images.after('image import', 'import image', { id: image.id, taskId, method: name, url: url?.href, before });
  return noContent(202);
}

/** @throws Fault 400 */
function methodOf(body: Record<string, unknown>): { name: ImportMethod; uri: unknown } {
  const method = body['method'];
  const name = isObject(method) ? method['name'] : undefined;
  if (method === undefined) throw new Fault('bad-request', "Import request requires a 'method' field.");
  if (!isObject(method) || typeof name !== 'string')
    throw new Fault('bad-request', "Import request requires a 'name' field.");
  if (!importMethods.includes(name as ImportMethod))
    throw new Fault('bad-request', `Unknown import method name '${name}'.`);
  return { name: name as ImportMethod, uri: method['uri'] };
}

/** @throws Fault 400, 409 */
function checkState(image: Image, name: ImportMethod): void {
  if (image.container_format === null || image.disk_format === null) {
    const lacking = image.container_format === null ? 'container_format' : 'disk_format';
    throw new Fault('bad-request', `'${lacking}' needs to be set before import`);
  }
  if (name === 'glance-direct' && image.status !== 'uploading') {
    throw new Fault('conflict', "Image needs to be staged before 'glance-direct' method can be used");
  }
  if (name === 'web-download' && image.status !== 'queued') {
    throw new Fault('conflict', "Image needs to be in 'queued' state to use 'web-download' method");
  }
  if (name === 'copy-image' && image.status !== 'active') {
    throw new Fault('conflict', 'Only images with status active can be targeted for copying');
  }
}

/** @throws Fault 400 */
function urlOf(images: Images, uri: unknown): URL {
  const url = typeof uri === 'string' && URL.canParse(uri) ? new URL(uri) : undefined;
  if (url && isAllowed(images, url)) return url;
  throw new Fault(
    'bad-request',
    `URI for web-download does not pass filtering: ${uri === undefined ? 'None' : String(uri)}`,
  );
}
