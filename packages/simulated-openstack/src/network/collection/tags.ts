/** Tags. @see openstack/neutron:neutron/extensions/tagging.py */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { badRequest, invalidInput, Missing, missing } from '@cascade/openstack-adapter/network/faults.js';
import { listOf, text } from '@cascade/openstack-adapter/network/readers.js';
import type { Collection } from './collection.js';
import { requireOwn } from './crud.js';
import type { NetworkState } from '../state.js';
import type { Row } from './table.js';
import { requireVisible, tableOf } from './view.js';

const mostTags = 50;

const tagsOf = (row: Row): readonly string[] => (row['tags'] ?? []) as string[];

export function tagRoutes(state: NetworkState, collection: Collection): Route[] {
  const { path, key, keys } = collection;
  const found = (asked: Asked, look: () => Row): Row => {
    try {
      return look();
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      throw missing('TagResourceNotFound', `Resource ${keys} ${asked.params['id'] ?? ''} could not be found.`);
    }
  };
  const seen = (asked: Asked): Row =>
    found(asked, () => requireVisible(state, collection, asked.params['id'] ?? '', asked.caller));
  const own = (asked: Asked): Row => found(asked, () => requireOwn(state, collection, asked, `update_${key}`));
  const keep = (row: Row, tags: readonly string[]): void => state.change(tableOf(state, collection), row, { tags });
  const limits = state.extensions.has('tag-creation');
  const fewEnough = (tags: readonly string[]): void => {
    if (limits) requireFew(keys, tags);
  };
  const tag = ({ params }: Asked): string => text(255)(params['tag'] ?? '', 'tag') as string;
  return [
    route(`GET ${path}/{id}/tags`, 'reader', async (asked) => json(200, { tags: tagsOf(seen(asked)) }), { head: true }),
    route(`PUT ${path}/{id}/tags`, 'member', async (asked) => {
      const tags = await tagsIn(asked);
      const row = own(asked);
      fewEnough(tags);
      keep(row, tags);
      return json(200, { tags });
    }),
    route(`POST ${path}/{id}/tags`, 'member', async (asked) => {
      if (!limits) throw missing('HTTPNotFound', 'not supported');
      const tags = await tagsIn(asked);
      const row = own(asked);
      fewEnough(tags);
      keep(row, [...new Set([...tagsOf(row), ...tags])]);
      return json(201, { tags });
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
      fewEnough([...tagsOf(row), name]);
      if (!tagsOf(row).includes(name)) keep(row, [...tagsOf(row), name]);
      return noContent(201);
    }),
    route(`DELETE ${path}/{id}/tags/{tag}`, 'member', async (asked) => {
      const row = own(asked);
      const name = tag(asked);
      requireTag(row, name);
      keep(
        row,
        tagsOf(row).filter((one) => one !== name),
      );
      return noContent();
    }),
  ];
}

/** @throws Fault 400. @see openstack/neutron:neutron/extensions/tagging.py validate_tags */
async function tagsIn(asked: Asked): Promise<string[]> {
  const body = tryJson(await asked.readBody());
  if (!isObject(body) || !('tags' in body)) throw invalidInput('Invalid tags body');
  return worded(() => listOf(text(255))(body['tags'], 'tags')) as string[];
}

/** @throws Fault 400. @see openstack/neutron:neutron/extensions/tagging.py validate_tags_limit, which came with `tag-creation` */
function requireFew(keys: string, tags: readonly string[]): void {
  if (new Set(tags).size <= mostTags) return;
  const words = `The number of tags exceed the per-resource limit of ${mostTags}`;
  throw badRequest(`Bad ${keys} request: ${words}.`, 'BadRequest');
}

/** A validator's words, without the attribute they are about. */
function worded(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw invalidInput(error.message.replace(/^Invalid input for \w+\. Reason: /, '').replace(/\.$/, ''));
  }
}

/** @throws Fault 404 */
function requireTag(row: Row, tag: string): void {
  if (!tagsOf(row).includes(tag)) throw missing('TagNotFound', `Tag ${tag} could not be found.`);
}
