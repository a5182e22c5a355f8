/** Order of `GET /images`. */
import { imageSort, type ImageSort, type ImageSortKey } from '@cascade/openstack-protocol/image/glance-paging.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { compareTexts } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { Image } from './image.js';

type Compare = (a: Image, b: Image) => number;

const columns = {
  name: 'name',
  status: 'status',
  container_format: 'container_format',
  disk_format: 'disk_format',
  size: 'size',
  id: 'id',
  created_at: 'createdAt',
  updated_at: 'updatedAt',
} as const satisfies Record<ImageSortKey, keyof Image>;

/** By what was asked for, then by creation and id. @throws Fault 400 */
export function imageOrder(asked: Asked): Compare {
  const orders = imageSort(asked).map(by);
  return (a, b) => orders.reduce((found, order) => found || order(a, b), 0);
}

const by =
  ({ by: key, direction }: ImageSort): Compare =>
  (a, b) => {
    const [left, right] = [a[columns[key]], b[columns[key]]];
    if (left === right) return 0;
    // What is not there comes first, as in MySQL.
    if (typeof left === 'string' && typeof right === 'string')
      return compareTexts(left, right) * (direction === 'asc' ? 1 : -1);
    const before = left === null || (right !== null && left < right);
    return before === (direction === 'asc') ? -1 : 1;
  };
