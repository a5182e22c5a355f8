/** Tags of servers. @see openstack/nova:nova/api/openstack/compute/server_tags.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { emptyPage, json, noContent } from '@cascade/openstack-protocol/message.js';
import { bodyCheck, firstErrorOf, wordsOf } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { selfLink } from '@cascade/openstack-adapter/compute/links.js';
import { tag as tagSchema } from '@cascade/openstack-adapter/compute/server-schemas.js';
import type { Cloud } from '../cloud.js';
import { requireState, requireUnlocked, serverAsked } from './asked-server.js';
import type { Server } from './server.js';

const most = 50;
const since = { since: '2.26' } as const;

const checkAll = bodyCheck({
  type: 'object',
  properties: { tags: { type: 'array', items: tagSchema, maxItems: most } },
  required: ['tags'],
  additionalProperties: false,
});

const firstError = firstErrorOf(tagSchema);

/** @throws Fault 400 */
function checkTag(tag: string): void {
  const error = firstError(tag);
  if (!error) return;
  const rule = "It must be a non empty string without characters '/' and ','.";
  throw new Fault('bad-request', `Tag '${tag}' is invalid. ${rule} Validation error message: ${wordsOf(error)}`);
}

export function tagRoutes(cloud: Cloud): Route[] {
  const all = '/servers/{id}/tags';
  const one = `${all}/{tag}`;
  const set = (asked: Asked, next: (server: Server) => readonly string[]): Server => {
    const server = serverAsked(cloud, asked);
    requireUnlocked(asked, server);
    requireState(server, 'update tags', ['active', 'paused', 'suspended', 'stopped'], 'any');
    return cloud.servers.change(server.id, { tags: next(server) }) ?? server;
  };
  return [
    route(`GET ${all}`, 'reader', async (asked) => json(200, { tags: serverAsked(cloud, asked).tags }), since),
    route(
      `PUT ${all}`,
      'member',
      async (asked) => {
        const body = await asked.readJson();
        checkAll(body);
        const given = [...new Set(body['tags'] as string[])];
        return json(200, { tags: set(asked, () => given).tags });
      },
      since,
    ),
    route(
      `DELETE ${all}`,
      'member',
      async (asked) => {
        set(asked, () => []);
        return noContent(204);
      },
      since,
    ),
    route(
      `GET ${one}`,
      'reader',
      async (asked) => {
        tagAsked(serverAsked(cloud, asked), asked, 'Server');
        return noContent(204);
      },
      since,
    ),
    route(
      `PUT ${one}`,
      'member',
      async (asked) => {
        const { tag = '' } = asked.params;
        checkTag(tag);
        const had = serverAsked(cloud, asked).tags;
        if (had.includes(tag)) return noContent(204);
        if (had.length >= most)
          throw new Fault('bad-request', `The number of tags exceeded the per-server limit ${most}`);
        const { id } = set(asked, ({ tags }) => [...tags, tag]);
        const page = emptyPage(201);
        return { ...page, headers: { ...page.headers, location: selfLink(asked, `servers/${id}/tags`, tag) } };
      },
      since,
    ),
    route(
      `DELETE ${one}`,
      'member',
      async (asked) => {
        const tag = tagAsked(serverAsked(cloud, asked), asked, 'Instance');
        set(asked, ({ tags }) => tags.filter((other) => other !== tag));
        return noContent(204);
      },
      since,
    ),
  ];
}

/** @throws Fault 404 */
function tagAsked(server: Server, asked: Asked, what: 'Server' | 'Instance'): string {
  const { tag = '' } = asked.params;
  if (server.tags.includes(tag)) return tag;
  throw new Fault('not-found', `${what} ${server.id} has no tag '${tag}'`);
}
