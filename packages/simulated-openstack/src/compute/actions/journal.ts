/** What was done to servers, and by whom. @see openstack/nova:nova/api/openstack/compute/instance_actions.py */
import { type Asked } from '@cascade/openstack-protocol/server/route.js';
import { type Clock } from '../../clock.js';
import { watched, type Parts } from '../../state/part.js';
import type { Server } from '../servers/server.js';

export interface Entry {
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
