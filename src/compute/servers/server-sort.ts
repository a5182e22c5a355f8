/** In which order `GET /servers` may be asked for. @see openstack/nova:nova/api/openstack/compute/schemas/servers.py VALID_SORT_KEYS */
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { serverSortKeys } from '@cascade/openstack-protocol/compute/server-sort-keys.js';
import { rarelyAsked } from './server-facts.js';
import type { SortKey } from '../../resources/list-query.js';

const inBody = (field: string): string => `body.${field}`;

const sortable: Record<string, string> = {
  ...Object.fromEntries(Object.entries(rarelyAsked).map(([key, field]) => [key, inBody(field)])),
  ...Object.fromEntries(
    ['config_drive', 'created_at', 'key_name', 'locked', 'task_state', 'updated_at', 'user_id', 'vm_state'].map(
      (key) => [key, key],
    ),
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
};

/**
 * @throws Fault 400 for a key that servers are not sorted by, 403 for one that is an administrator's
 * @see openstack/nova:nova/compute/instance_list.py InstanceSortContext
 */
export function serverSort(asked: Asked): SortKey[] {
  const sort = serverSortKeys(asked, (key) => Object.hasOwn(sortable, key)).map(({ key, direction }): SortKey => ({
    by: sortable[key]!,
    direction,
  }));
  if (sort.some(({ by }) => by === 'id')) return sort;
  // No two servers are equal: Nova's own order ends as it begins, as our indexes do, any other with the smaller id.
  const [first] = sort;
  return [...sort, { by: 'id', direction: first?.by === 'created_at' ? first.direction : 'asc' }];
}
