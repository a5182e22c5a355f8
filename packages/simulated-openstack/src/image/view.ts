/** Images, members and tasks as Glance shows them. @see openstack/glance:glance/api/v2/images.py ResponseSerializer */
import { isoSeconds } from '../clock.js';
import type { Image, ImportTask, Member } from './image.js';

/** The one store there is. */
export const storeId = 'file';

export const hasBytes = ({ status }: Image): boolean => status === 'active' || status === 'deactivated';

/** Custom properties come first, as Glance writes them. */
export const imageBody = (image: Image): Record<string, unknown> => ({
  ...image.properties,
  name: image.name,
  disk_format: image.disk_format,
  container_format: image.container_format,
  visibility: image.visibility,
  size: image.size,
  virtual_size: image.virtual_size,
  status: image.status,
  checksum: image.checksum,
  protected: image.protected,
  min_ram: image.min_ram,
  min_disk: image.min_disk,
  owner: image.owner,
  os_hidden: image.os_hidden,
  os_hash_algo: image.os_hash_value === null ? null : 'sha512',
  os_hash_value: image.os_hash_value,
  id: image.id,
  created_at: isoSeconds(image.createdAt),
  updated_at: isoSeconds(image.updatedAt),
  tags: image.tags,
  self: `/v2/images/${image.id}`,
  file: `/v2/images/${image.id}/file`,
  schema: '/v2/schemas/image',
  ...(image.showsLocation ? { locations: [{ url: image.location, metadata: {} }] } : {}),
  ...(hasBytes(image) ? { stores: storeId } : {}),
});

export const memberBody = (imageId: string, member: Member): Record<string, unknown> => ({
  member_id: member.memberId,
  image_id: imageId,
  status: member.status,
  created_at: isoSeconds(member.createdAt),
  updated_at: isoSeconds(member.updatedAt),
  schema: '/v2/schemas/member',
});

/** A task is shown for two days after it ended. */
const taskLifeMs = 48 * 3_600_000;

export const taskBody = (task: ImportTask): Record<string, unknown> => ({
  id: task.id,
  type: 'api_image_import',
  status: task.status,
  owner: task.owner,
  expires_at: task.status === 'success' || task.status === 'failure' ? isoSeconds(task.updatedAt + taskLifeMs) : null,
  created_at: isoSeconds(task.createdAt),
  updated_at: isoSeconds(task.updatedAt),
  input: task.input,
  result: task.status === 'success' ? { image_id: task.imageId } : null,
  message: task.message,
  image_id: task.imageId,
  request_id: task.requestId,
  user_id: task.userId,
  self: `/v2/tasks/${task.id}`,
  schema: '/v2/schemas/task',
});
