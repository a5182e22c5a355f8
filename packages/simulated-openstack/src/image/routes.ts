/** Glance's API of a simulated cloud. Paths are below /v2. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { bodyOf, objectOf } from '@cascade/openstack-adapter/image/request-body.js';
import { schemas } from '@cascade/openstack-adapter/image/schema.js';
import { locationRoutes } from './add-location.js';
import { cacheRoutes } from './cache.js';
import { download, stage, upload } from './data.js';
import { importImage } from './import.js';
import { importMethods, type Image, type ImageStatus } from './image.js';
import { requireImage, requireOwnImage, type Images } from './images.js';
import { listImages } from './list.js';
import { memberRoutes } from './members.js';
import { draftOf, readPatch } from './patch.js';
import { checkSchema, patched, readImage } from './properties.js';
import { imageBody, storeId, taskBody } from './view.js';

export interface ImageCloud {
  readonly images: Images;
}

export const imageRoutes = ({ images }: ImageCloud): Route[] => [
  ...imageCrud(images),
  ...dataRoutes(images),
  ...memberRoutes(images),
  ...tagRoutes(images),
  ...taskRoutes(images),
  ...documents(images),
  ...cacheRoutes(images.isNewest),
  ...(images.isNewest ? locationRoutes(images) : []),
];

const idIn = ({ params }: Asked): string => params['image_id'] ?? '';

const imageCrud = (images: Images): Route[] => [
  route('GET /images', 'reader', listImages(images)),
  route('POST /images', 'member', async (asked) => {
    const fields = readImage(asked.caller, await objectOf(asked));
    if (fields.id !== undefined && images.isTaken(fields.id)) {
      throw new Fault('conflict', `Image ID ${fields.id} already exists!`);
    }
    const image = images.add(fields);
    return json(201, imageBody(image), {
      location: `${asked.serviceUrl}/v2/images/${image.id}`,
      'openstack-image-import-methods': methodsOf(images).join(','),
      'openstack-image-store-ids': storeId,
    });
  }),
  route('GET /images/{image_id}', 'reader', async (asked) =>
    json(200, imageBody(requireImage(images, asked.caller, idIn(asked)))),
  ),
  route('PATCH /images/{image_id}', 'member', async (asked) => {
    const draft = draftOf(asked.headers['content-type'] ?? '');
    const operations = readPatch(await bodyOf(asked), draft);
    const image = requireOwnImage(images, asked.caller, idIn(asked), 'modify_image');
    images.change(image, patched(asked.caller, image, operations));
    return json(200, imageBody(image));
  }),
  route('DELETE /images/{image_id}', 'member', async (asked) => {
    const id = idIn(asked);
    const seen = images.row(id);
    if (!seen || !images.isVisible(seen, asked.caller))
      throw new Fault('not-found', `Failed to find image ${id} to delete`);
    const image = requireOwnImage(images, asked.caller, id, 'delete_image');
    if (image.protected) throw new Fault('forbidden', `Image ${id} is protected and cannot be deleted.`);
    images.remove(image);
    return noContent();
  }),
];

const dataRoutes = (images: Images): Route[] => [
  route('GET /images/{image_id}/file', 'reader', (asked) => download(images, asked)),
  route('PUT /images/{image_id}/file', 'member', (asked) => upload(images, asked)),
  route('PUT /images/{image_id}/stage', 'member', (asked) => stage(images, asked)),
  route('POST /images/{image_id}/import', 'member', (asked) => importImage(images, asked)),
  route('POST /images/{image_id}/actions/deactivate', 'member', async (asked) =>
    become(images, requireOwnImage(images, asked.caller, idIn(asked), 'deactivate'), 'deactivated'),
  ),
  route('POST /images/{image_id}/actions/reactivate', 'member', async (asked) =>
    become(images, requireOwnImage(images, asked.caller, idIn(asked), 'reactivate'), 'active'),
  ),
];

/** @throws Fault 403 for an image that has no bytes yet */
function become(images: Images, image: Image, status: ImageStatus & ('active' | 'deactivated')) {
  if (image.status !== 'active' && image.status !== 'deactivated') {
    throw new Fault(
      'forbidden',
      `Not allowed to ${status === 'active' ? 'reactivate' : 'deactivate'} image in status '${image.status}'`,
    );
  }
  if (image.status !== status) images.change(image, { status });
  return noContent();
}

const tagRoutes = (images: Images): Route[] => [
  route('PUT /images/{image_id}/tags/{tag}', 'member', async (asked) => {
    const { tag = '' } = asked.params;
    checkSchema({ tags: [tag] });
    const image = taggedImage(images, asked);
    if (!image.tags.includes(tag)) images.change(image, { tags: [...image.tags, tag] });
    return noContent();
  }),
  route('DELETE /images/{image_id}/tags/{tag}', 'member', async (asked) => {
    const image = taggedImage(images, asked);
    const { tag = '' } = asked.params;
    if (!image.tags.includes(tag)) throw new Fault('not-found', 'The resource could not be found.');
    images.change(image, { tags: image.tags.filter((one) => one !== tag) });
    return noContent();
  }),
];

/** @throws Fault 403, 404 */
function taggedImage(images: Images, asked: Asked): Image {
  const image = images.row(idIn(asked));
  if (image && images.isVisible(image, asked.caller))
    return requireOwnImage(images, asked.caller, image.id, 'modify_image');
  throw new Fault('not-found', `Image ${idIn(asked)} not found.`);
}

const taskRoutes = (images: Images): Route[] => [
  route('GET /images/{image_id}/tasks', 'reader', async (asked) => {
    const image = requireImage(images, asked.caller, idIn(asked));
    const tasks = [...images.tasks.values()].filter((task) => task.imageId === image.id);
    return json(200, { tasks: tasks.map(taskBody) });
  }),
  route('GET /tasks', 'admin', async () => {
    const tasks = [...images.tasks.values()].reverse().map((task) => {
      const { input: _input, result: _result, message: _message, ...brief } = taskBody(task) as Record<string, unknown>;
      return brief;
    });
    return json(200, { tasks, first: '/v2/tasks', schema: '/v2/schemas/tasks' });
  }),
  route('GET /tasks/{task_id}', 'admin', async ({ params: { task_id: id = '' } }) => {
    const task = images.tasks.get(id);
    if (!task) throw new Fault('not-found', `No task found with ID ${id}`);
    return json(200, taskBody(task));
  }),
];

const methodsOf = ({ glances }: Images) => (glances.size > 0 ? [...importMethods, 'glance-download'] : importMethods);
const importInfo = { description: 'Import methods available.', type: 'array' };
const store = { id: storeId, default: 'true' };

const documents = (images: Images): Route[] => [
  ...Object.entries(schemas).map(([name, schema]) =>
    route(`GET /schemas/${name}`, 'reader', async () => json(200, schema)),
  ),
  route('GET /info/import', 'reader', async () =>
    json(200, { 'import-methods': { ...importInfo, value: methodsOf(images) } }),
  ),
  route('GET /info/stores', 'reader', async () => json(200, { stores: [store] })),
  route('GET /info/stores/detail', images.isNewest ? 'service' : 'admin', async () =>
    json(200, { stores: [{ ...store, type: 'file', properties: { chunk_size: 65_536, thin_provisioning: false } }] }),
  ),
  route('GET /info/usage', 'reader', async () => json(200, { usage: {} })),
  // No definitions of metadata are installed.
  route('GET /metadefs/namespaces', 'reader', async () =>
    json(200, { namespaces: [], first: '/v2/metadefs/namespaces', schema: '/v2/schemas/metadefs/namespaces' }),
  ),
  route('GET /metadefs/resource_types', 'reader', async () => json(200, { resource_types: [] })),
];
