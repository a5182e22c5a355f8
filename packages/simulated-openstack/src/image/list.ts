/** `GET /images`. @see openstack/glance:glance/api/v2/images.py, glance/db/simple/api.py */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { imageColumns, imageFilters, type ImageFilter } from '@cascade/openstack-protocol/image/glance-filters.js';
import { imageLimit, pageLinks } from '@cascade/openstack-protocol/image/glance-paging.js';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { idAsKept, isSameText } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { Image } from './image.js';
import type { Images } from './images.js';
import { imageOrder } from './order.js';
import { imageBody } from './view.js';

type Test = (image: Image) => boolean;

const bad = (words: string): Fault => new Fault('bad-request', words);

export function listImages(images: Images): Answer {
  return async (asked) => {
    const limit = imageLimit(asked);
    const filters = filtersAsked(images, asked);
    const order = imageOrder(asked);
    const found = [...images.all()].filter((image) => filters.every((filter) => filter(image))).sort(order);
    const marker = asked.query.get('marker');
    const from = marker === null ? 0 : behind(images, asked.caller, found, marker, order);
    const page = found.slice(from, from + limit);
    const last = page.length > 0 && page.length === limit ? page.at(-1)?.id : undefined;
    return json(200, { images: page.map(imageBody), ...pageLinks(asked, last) });
  };
}

/** @throws Fault 400 for a marker that does not exist, 403 for one the caller may not see */
function behind(
  images: Images,
  caller: Caller,
  found: readonly Image[],
  marker: string,
  order: (a: Image, b: Image) => number,
): number {
  const place = images.row(marker) ?? images.row(idAsKept(marker));
  if (!place) throw bad(`No image found with ID ${marker}`);
  if (!images.isVisible(place, caller)) throw new Fault('forbidden', `Forbidding request, image ${marker} not visible`);
  const at = found.findIndex((image) => order(image, place) > 0);
  return at < 0 ? found.length : at;
}

/** @throws Fault 400 */
function filtersAsked(images: Images, { query, caller }: Asked): Test[] {
  const { filters, memberStatus, visibility } = imageFilters(query);
  return [listedFor(images, caller, memberStatus, visibility), ...filters.map(testOf)];
}

/** Others' community images are listed only where that visibility, or all, is asked for. */
function listedFor(images: Images, caller: Caller, status: string, wanted: string | null): Test {
  const { isAdmin, projectId } = caller;
  const isMember = (image: Image): boolean => {
    const member = projectId === undefined ? undefined : images.membersOf(image.id).get(projectId);
    return member !== undefined && (status === 'all' || member.status === status);
  };
  const isOwn = (image: Image): boolean => projectId !== undefined && image.owner === projectId;
  return (image) => {
    if (wanted !== null && wanted !== 'all' && image.visibility !== wanted) return false;
    if (wanted === null && image.visibility === 'community' && !isOwn(image)) return false;
    if (isAdmin || image.visibility === 'public' || image.visibility === 'community' || isOwn(image)) return true;
    return image.visibility === 'shared' && isMember(image);
  };
}

function testOf(filter: ImageFilter): Test {
  switch (filter.is) {
    case 'flag':
      return (image) => image[filter.column] === filter.wanted;
    case 'tag':
      return ({ tags }) => tags.some((one) => isSameText(one, filter.tag));
    case 'time':
      return (image) =>
        filter.comparison.holds(image[filter.column === 'created_at' ? 'createdAt' : 'updatedAt'], +filter.time);
    case 'text':
      return (image) => {
        const value = imageBody(image)[filter.column];
        return typeof value === 'string' && filter.values.some((one) => isSameText(one, value));
      };
    case 'number':
      return (image) => image[filter.column] === filter.value;
    case 'bound':
      return (image) => {
        const value = image[filter.column];
        return value !== null && filter.comparison.holds(value, Number(filter.bound));
      };
    case 'property':
      return (image) => hasProperty(image, filter.name, filter.value);
  }
}

const hasProperty = (image: Image, name: string, value: string): boolean =>
  Object.entries(imageBody(image)).some(
    ([key, one]) =>
      typeof one === 'string' && !imageColumns.includes(key) && isSameText(key, name) && isSameText(one, value),
  );
