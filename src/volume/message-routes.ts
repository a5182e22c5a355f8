/** What Cinder has to tell its users of requests that it took and could not fulfil. */
import { route, type Route } from '../openstack/route.js';
import { passOne } from '../routing/pass.js';
import type { World } from '../routing/world.js';
import { mergeSites } from './lists/merge-lists.js';
import { remove } from './lists/on-demand.js';
import { messagesOf } from './placeholders/failure-messages.js';
import { orKeptMessage } from './placeholders/placeholder-routes.js';

export function messageRoutes(world: World): Route[] {
  const since = { since: '3.3' };
  const list = mergeSites(world, 'volume_message', 'Message', (asked) => messagesOf(world, asked));
  return [
    route('GET /messages', 'reader', list, since),
    route('GET /messages/{message_id}', 'reader', passOne(world, 'volume_message', 'message_id'), since),
    route('DELETE /messages/{message_id}', 'member', remove(world, 'volume_message', 'message_id'), since),
  ].map(orKeptMessage(world));
}
