/** In which order `GET /servers` may be asked for. @see openstack/nova:nova/api/openstack/compute/schemas/servers.py VALID_SORT_KEYS */
import { Fault } from '../../openstack/faults.js';
import type { Asked } from '../../openstack/route.js';
import type { SortKey } from '../../resources/query.js';
import { rarelyAsked } from './server-facts.js';

const inBody = (field: string): string => `body.${field}`;

const sortable: Record<string, string> = {
  ...Object.fromEntries(Object.entries(rarelyAsked).map(([key, field]) => [key, inBody(field)])),
  ...Object.fromEntries(
    ['config_drive', 'created_at', 'id', 'key_name', 'locked', 'task_state', 'updated_at', 'user_id', 'vm_state'].map((key) => [key, key]),
  ),
  availability_zone: inBody('OS-EXT-AZ:availability_zone'),
  display_description: 'description',
  display_name: 'name',
  host: inBody('OS-EXT-SRV-ATTR:host'),
  hostname: inBody('OS-EXT-SRV-ATTR:hostname'),
  image_ref: 'image',
  instance_type_id: 'flavor_name',
  node: inBody('OS-EXT-SRV-ATTR:host'),
  project_id: inBody('tenant_id'),
  uuid: 'id',
}; // prettier-ignore

/** @throws Fault 400 for a key that servers are not sorted by */
export function serverSort(asked: Asked): SortKey[] {
  const directions = asked.query.getAll('sort_dir');
  const keys = asked.query.getAll('sort_key').map((key, at): SortKey => {
    const by = Object.hasOwn(sortable, key) ? sortable[key] : undefined;
    if (!by) throw new Fault('bad-request', `Invalid input for query parameters sort_key. Value: ${key}`);
    const direction = directions[at] ?? directions[0] ?? 'desc';
    if (direction !== 'asc' && direction !== 'desc')
      throw new Fault('bad-request', `Invalid sort direction: ${direction}`);
    return { by, direction };
  });
  const askedBy = new Set(keys.map((key) => key.by));
  // Nova's own order, and an id at the end so that no two servers are equal.
  const last = [
    { by: 'created_at', direction: 'desc' },
    { by: 'id', direction: 'desc' },
  ] as const;
  return [...keys, ...last.filter((key) => !askedBy.has(key.by))];
}
