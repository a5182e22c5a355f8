/** Tags. @see openstack/neutron:neutron/extensions/tagging.py */
import { json, noContent } from '../../../../openstack/message.js';
import { route, type Asked, type Route } from '../../../../openstack/route.js';
import type { Collection } from './collection.js';
import { requireOwn } from './crud.js';
import { badRequest, missing } from '../faults.js';
import { listOf, text } from './readers.js';
import type { NetworkState } from '../state.js';
import type { Row } from './table.js';
import { requireVisible, tableOf } from './view.js';

const tagsOf = (row: Row): readonly string[] => (row['tags'] ?? []) as string[];

export function tagRoutes(state: NetworkState, collection: Collection): Route[] {
  const { path, key } = collection;
  const seen = ({ params, caller }: Asked): Row => requireVisible(state, collection, params['id'] ?? '', caller);
  const own = (asked: Asked): Row => requireOwn(state, collection, asked, `update_${key}`);
  const keep = (row: Row, tags: readonly string[]): void => state.change(tableOf(state, collection), row, { tags });
  const tag = ({ params }: Asked): string => text(255)(params['tag'] ?? '', 'tag') as string;
  return [
    route(`GET ${path}/{id}/tags`, 'reader', async (asked) => json(200, { tags: tagsOf(seen(asked)) }), { head: true }),
    route(`PUT ${path}/{id}/tags`, 'member', async (asked) => {
      const body = await asked.readJson();
      if (!('tags' in body)) throw badRequest('Invalid tags body');
      const tags = listOf(text(255))(body['tags'], 'tags') as string[];
      keep(own(asked), tags);
      return json(200, { tags });
    }),
    route(`DELETE ${path}/{id}/tags`, 'member', async (asked) => {
      keep(own(asked), []);
      return noContent();
    }),
    route(
      `GET ${path}/{id}/tags/{tag}`,
      'reader',
      async (asked) => {
        requireTag(seen(asked), tag(asked));
        return noContent();
      },
      { head: true },
    ),
    route(`PUT ${path}/{id}/tags/{tag}`, 'member', async (asked) => {
      const row = own(asked);
      const name = tag(asked);
      if (!tagsOf(row).includes(name)) keep(row, [...tagsOf(row), name]);
      return noContent(201);
    }),
    route(`DELETE ${path}/{id}/tags/{tag}`, 'member', async (asked) => {
      const row = own(asked);
      const name = tag(asked);
      requireTag(row, name);
      keep(row, tagsOf(row).filter((one) => one !== name)); // prettier-ignore
      return noContent();
    }),
  ];
}

/** @throws Fault 404 */
function requireTag(row: Row, tag: string): void {
  if (!tagsOf(row).includes(tag)) throw missing('TagNotFound', `Tag ${tag} could not be found.`);
}
