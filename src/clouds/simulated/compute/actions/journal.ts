/** What was done to servers, and by whom. @see openstack/nova:nova/api/openstack/compute/instance_actions.py */
import { Fault } from '../../../../openstack/faults.js';
import { json } from '../../../../openstack/message.js';
import { atLeast } from '../../../../openstack/microversion.js';
import { route, type Asked, type Route } from '../../../../openstack/server/route.js';
import { isoMicros, type Clock } from '../../clock.js';
import type { Cloud } from '../../cloud.js';
import { limitOf, nextLink } from '../../paging.js';
import { watched, type Parts } from '../../state/part.js';
import type { Server } from '../servers/server.js';

interface Entry {
  readonly action: string;
  readonly requestId: string;
  readonly userId: string;
  readonly projectId: string | undefined;
  readonly at: number;
}

export class Journal {
  private readonly entries = new Map<string, Entry[]>();
  private onEntry: (serverId: string) => void = () => undefined;

  constructor(private readonly clock: Clock) {}

  note(server: Pick<Server, 'id'>, action: string, { requestId, caller }: Asked): void {
    const entry = { action, requestId, userId: caller.userId, projectId: caller.projectId, at: this.clock.now() };
    const known = this.entries.get(server.id);
    if (known) known.unshift(entry);
    else this.entries.set(server.id, [entry]);
    this.onEntry(server.id);
  }

  parts(): Parts {
    return {
      'server action': watched({
        rows: () => this.entries,
        find: (id) => this.entries.get(id),
        watch: (listener) => (this.onEntry = listener),
        restore: (rows) => {
          for (const [id, entries] of rows) this.entries.set(id, entries);
        },
      }),
    };
  }

  /** The latest first. A server of the first population was created, as far as anybody remembers. */
  of(server: Server): readonly Entry[] {
    const known = this.entries.get(server.id) ?? [];
    if (known.at(-1)?.action === 'create') return known;
    const { userId, projectId, createdAt: at } = server;
    const requestId = `req-${server.id.slice(9)}${server.id.slice(0, 8)}`.replace(
      /^req-(.{4})-(.{4})-(.{4})-(.{12})(.{8})$/,
      'req-$5-$1-$2-$3-$4',
    );
    return [...known, { action: 'create', requestId, userId, projectId, at }];
  }

  /** Forgets servers that nobody can ask for any more. */
  sweep(isKnown: (id: string) => boolean): void {
    for (const id of this.entries.keys()) if (!isKnown(id)) this.entries.delete(id);
  }
}

const view = (asked: Asked, server: Server, entry: Entry): Record<string, unknown> => ({
  action: entry.action,
  instance_uuid: server.id,
  request_id: entry.requestId,
  user_id: entry.userId,
  project_id: entry.projectId,
  start_time: isoMicros(entry.at),
  message: null,
  ...(atLeast(asked.microversion, '2.58') ? { updated_at: isoMicros(entry.at) } : {}),
});

const events: Record<string, string> = {
  create: 'compute__do_build_and_run_instance',
  delete: 'compute_terminate_instance',
};

function eventOf(asked: Asked, server: Server, { action, at }: Entry): Record<string, unknown> {
  return {
    event: events[action] ?? `compute_${action.replace(/^os-/, '')}_instance`,
    start_time: isoMicros(at),
    finish_time: isoMicros(at),
    result: 'Success',
    ...(asked.caller.isAdmin ? { traceback: null } : {}),
    ...(asked.caller.isAdmin && atLeast(asked.microversion, '2.62') ? { host: server.host } : {}),
    ...(atLeast(asked.microversion, '2.62') ? { hostId: '' } : {}),
    ...(atLeast(asked.microversion, '2.84') ? { details: null } : {}),
  };
}

/** From 2.21 on the actions of a deleted server too. */
function subject(cloud: Cloud, asked: Asked): Server {
  const { id = '' } = asked.params;
  const server = atLeast(asked.microversion, '2.21') ? cloud.servers.find(id) : cloud.servers.living(id);
  if (server && (asked.caller.isAdmin || server.projectId === asked.caller.projectId)) return server;
  throw new Fault('not-found', `Instance ${id} could not be found.`);
}

export const journalRoutes = (cloud: Cloud): Route[] => [
  route('GET /servers/{id}/os-instance-actions', 'reader', async (asked) => {
    const server = subject(cloud, asked);
    const all = cloud.journal.of(server);
    if (!atLeast(asked.microversion, '2.58')) {
      return json(200, { instanceActions: all.map((entry) => view(asked, server, entry)) });
    }
    const limit = limitOf(asked, 1000);
    const marker = asked.query.get('marker');
    const from = marker === null ? 0 : all.findIndex(({ requestId }) => requestId === marker) + 1;
    if (marker !== null && from === 0) throw new Fault('bad-request', 'Marker None could not be found.');
    const page = all.slice(from, from + limit);
    const more = from + page.length < all.length && page.length > 0;
    const links = more ? { links: [{ rel: 'next', href: nextLink(asked, page.at(-1)!.requestId) }] } : {};
    return json(200, { instanceActions: page.map((entry) => view(asked, server, entry)), ...links });
  }),
  route('GET /servers/{id}/os-instance-actions/{request_id}', 'reader', async (asked) => {
    const server = subject(cloud, asked);
    const { request_id: requestId = '' } = asked.params;
    const entry = cloud.journal.of(server).find((one) => one.requestId === requestId);
    if (!entry) throw new Fault('not-found', `Action ${requestId} not found`);
    const shows = asked.caller.isAdmin || atLeast(asked.microversion, '2.51');
    return json(200, {
      instanceAction: { ...view(asked, server, entry), ...(shows ? { events: [eventOf(asked, server, entry)] } : {}) },
    });
  }),
];
