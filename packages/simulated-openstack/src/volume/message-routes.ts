/** `/messages`. @see openstack/cinder:cinder/api/v3/messages.py, cinder/api/v3/views/messages.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { nextPage, pageAsked } from '@cascade/openstack-protocol/volume/cinder-paging.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { noSuch } from '@cascade/openstack-adapter/volume/refusals.js';
import { pageOf, type Paged } from './list.js';
import type { Message } from './messages.js';
import { linksOf, timeOf } from './view.js';
import type { Volumes } from './volumes.js';

/** What they may be filtered by, since 3.5. */
const filters = {
  event_id: ({ eventId }: Message) => eventId,
  message_level: () => 'ERROR',
  request_id: ({ requestId }: Message) => requestId,
  resource_type: () => 'VOLUME',
  resource_uuid: ({ volumeId }: Message) => volumeId,
} as const satisfies Record<string, (message: Message) => string>;

const paging = new Set(['limit', 'marker', 'offset', 'sort', 'sort_key', 'sort_dir']);

const paged: Paged<Message> = {
  columns: new Set([
    'id',
    'project_id',
    'message_level',
    'request_id',
    'resource_type',
    'resource_uuid',
    'event_id',
    'created_at',
    'expires_at',
  ]),
  columnsOf: (message) => ({
    ...Object.fromEntries(Object.entries(filters).map(([name, valueOf]) => [name, valueOf(message)])),
    id: message.id,
    project_id: message.projectId,
    created_at: message.createdAt,
    expires_at: message.expiresAt,
  }),
  noMarker: (id) => noSuch('Message', id),
};

export function messageRoutes({ messages }: Volumes): Route[] {
  const since = { since: '3.3' };
  const one = (asked: Asked): Message => {
    const { message_id: id = '' } = asked.params;
    const message = messages.find(id);
    if (!message || (!asked.caller.isAdmin && message.projectId !== asked.caller.projectId))
      throw noSuch('Message', id);
    return message;
  };
  return [
    route(
      'GET /messages',
      'reader',
      async (asked) => json(200, page(asked, messages.of(asked.caller.projectId))),
      since,
    ),
    route(
      'GET /messages/{message_id}',
      'reader',
      async (asked) => json(200, { message: shown(asked, one(asked)) }),
      since,
    ),
    route(
      'DELETE /messages/{message_id}',
      'member',
      async (asked) => {
        messages.delete(one(asked).id);
        return noContent();
      },
      since,
    ),
  ];
}

const shown = (asked: Asked, message: Message) => ({
  id: message.id,
  event_id: message.eventId,
  user_message: message.words,
  message_level: 'ERROR',
  created_at: timeOf(message.createdAt),
  guaranteed_until: timeOf(message.expiresAt),
  request_id: message.requestId,
  links: linksOf(asked, 'messages', message.id),
  resource_type: 'VOLUME',
  resource_uuid: message.volumeId,
});

/** Filters and pages came with 3.5; since 3.31 what is no filter is refused. @throws Fault 400, 404 */
function page(asked: Asked, all: readonly Message[]): Record<string, unknown> {
  if (!atLeast(asked.microversion, '3.5')) return { messages: all.map((message) => shown(asked, message)) };
  let found = [...all];
  for (const [name, value] of asked.query) {
    if (paging.has(name)) continue;
    const valueOf = Object.hasOwn(filters, name) ? filters[name as keyof typeof filters] : undefined;
    if (valueOf) found = found.filter((message) => valueOf(message) === value);
    else if (atLeast(asked.microversion, '3.31') && !asked.caller.isAdmin) {
      throw new Fault('bad-request', `Invalid filters ${name} are found in query options.`);
    }
  }
  const rows = pageOf(asked, paged, found);
  const links = nextPage(asked, pageAsked(asked), rows.length, rows.at(-1)?.id);
  return {
    messages: rows.map((message) => shown(asked, message)),
    ...(links.length > 0 ? { messages_links: links } : {}),
  };
}
