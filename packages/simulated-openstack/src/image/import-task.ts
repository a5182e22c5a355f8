/** The task behind an import. */
import { randomUUID } from 'node:crypto';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Image, ImportTask } from './image.js';
import type { Images } from './images.js';

export function addTask(
  images: Images,
  { caller, requestId }: Asked,
  image: Image,
  body: Record<string, unknown>,
): ImportTask {
  const now = images.now();
  const task: ImportTask = {
    id: randomUUID(),
    imageId: image.id,
    owner: image.owner,
    userId: caller.userId,
    requestId,
    input: { image_id: image.id, import_req: body, backend: ['file'] },
    status: 'pending',
    message: '',
    createdAt: now,
    updatedAt: now,
  };
  images.tasks.set(task.id, task);
  return task;
}
