/** The resources in a create's or an update's body. */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Collection } from './collection.js';

type Item = Record<string, unknown>;

/** `{network: {…}}` or `{networks: [{…}, …]}`; none in a body of another shape, which the site refuses in its own words. */
export function itemsOf(body: unknown, { key, keys }: Pick<Collection, 'key' | 'keys'>): Item[] {
  if (!isObject(body)) return [];
  const many = body[keys];
  const items: unknown[] = Array.isArray(many) ? many : [body[key]];
  return items.filter(isObject);
}

/** Looks into the body before the request goes on: `asked` may be read once more. */
export async function readItems(
  given: Asked,
  collection: Collection,
): Promise<{ asked: Asked; body: unknown; items: Item[] }> {
  const raw = await given.readBody();
  const body = tryJson(raw);
  return { asked: { ...given, readBody: async () => raw }, body, items: itemsOf(body, collection) };
}
