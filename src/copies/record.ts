/** What a copy's record says: all that an image's says, but what is its site's own to say. */
import { isDeepStrictEqual } from 'node:util';
import type { Image } from './image.js';

/** Glance's own to set, or about where one site keeps the bytes. @see openstack/glance:glance/api/v2/images.py */
const sitesOwn = new Set([
  'id',
  'status',
  'created_at',
  'updated_at',
  'size',
  'virtual_size',
  'checksum',
  'os_hash_algo',
  'os_hash_value',
  'direct_url',
  'locations',
  'stores',
  'self',
  'file',
  'schema',
  'deleted',
  'deleted_at',
  'location',
]);
const reserved = 'os_glance';

/** Columns; the rest are custom properties, which may be removed. */
const columns = new Set([
  'name',
  'visibility',
  'owner',
  'disk_format',
  'container_format',
  'min_disk',
  'min_ram',
  'os_hidden',
  'tags',
  'protected',
]);

const isFollowed = (name: string): boolean => !sitesOwn.has(name) && !name.startsWith(reserved);

type Fields = Record<string, unknown>;

/** What of an image a copy has in common with it. */
export function followed(image: Readonly<Fields>): Fields {
  const fields = Object.entries(image).filter(
    ([name, value]) => isFollowed(name) && (columns.has(name) || value !== null),
  );
  return Object.fromEntries(
    fields.map(([name, value]) => [name, name === 'tags' ? [...(value as string[])].sort() : value]),
  );
}

/** The body that makes a copy's record: nobody may delete it under the copier, so that it is protected at the end. */
export const newRecord = (image: Image): Fields => ({ ...followed(image), id: image.id, protected: false });

/** One step of Glance's JSON patch. */
export interface PatchStep {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

const pointer = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** The steps from what a copy says to what its image says; none where they are of one mind. */
export function steps(image: Readonly<Fields>, copy: Readonly<Fields>): PatchStep[] {
  const [wanted, seen] = [followed(image), followed(copy)];
  const changed = Object.entries(wanted).filter(([name, value]) => !isDeepStrictEqual(value, seen[name]));
  const gone = Object.keys(seen).filter((name) => !(name in wanted) && !columns.has(name));
  return [
    ...changed.map(([name, value]): PatchStep => ({
      op: name in seen ? 'replace' : 'add',
      path: pointer(name),
      value,
    })),
    ...gone.map((name): PatchStep => ({ op: 'remove', path: pointer(name) })),
  ];
}
