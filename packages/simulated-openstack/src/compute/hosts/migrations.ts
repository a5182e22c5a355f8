/** Servers that are or were on their way to another host or flavor. @see openstack/nova:nova/api/openstack/compute/migrations.py */
import { randomUUID } from 'node:crypto';
import { type Asked } from '@cascade/openstack-protocol/server/route.js';
import { type Clock } from '../../clock.js';
import { compared, type Parts } from '../../state/part.js';
import type { Server } from '../servers/server.js';

type Kind = 'resize' | 'migration' | 'live-migration' | 'evacuation';

export interface Migration {
  readonly number: number;
  readonly id: string;
  readonly serverId: string;
  readonly kind: Kind;
  status: string;
  readonly fromHost: string | null;
  readonly toHost: string | null;
  readonly fromFlavor: string;
  readonly toFlavor: string;
  readonly userId: string;
  readonly projectId: string;
  readonly createdAt: number;
  updatedAt: number;
}

/** Older ones are forgotten. */
const most = 10_000;
export const underWay = new Set(['accepted', 'migrating', 'running', 'queued', 'preparing', 'post-migrating']);

export class Migrations {
  private readonly rows: Migration[] = [];
  private last = 0;

  constructor(private readonly clock: Clock) {}

  begin(server: Server, how: { kind: Kind; toFlavor: string; toHost?: string | null; asked: Asked }): void {
    const now = this.clock.now();
    this.rows.push({
      number: (this.last += 1),
      id: randomUUID(),
      serverId: server.id,
      kind: how.kind,
      status: how.kind === 'live-migration' ? 'running' : 'migrating',
      fromHost: server.host,
      toHost: how.toHost ?? null,
      fromFlavor: server.flavorId,
      toFlavor: how.toFlavor,
      userId: how.asked.caller.userId,
      projectId: server.projectId,
      createdAt: now,
      updatedAt: now,
    });
    if (this.rows.length > most) this.rows.shift();
  }

  /** Gives the last migration of a server its next status. */
  settle(serverId: string, status: string): void {
    const row = this.rows.findLast((one) => one.serverId === serverId);
    if (row) Object.assign(row, { status, updatedAt: this.clock.now() });
  }

  parts(): Parts {
    return {
      migration: compared({
        rows: () => this.rows.map((row) => [row.id, row] as const),
        restore: (rows) => {
          this.rows.push(...rows.values());
          this.last = this.rows.at(-1)?.number ?? 0;
        },
      }),
    };
  }

  /** The youngest first. */
  all(): Migration[] {
    return this.rows.toReversed();
  }

  /** Live migrations of a server that are under way. */
  of(serverId: string): Migration[] {
    return this.rows.filter(
      (row) => row.serverId === serverId && row.kind === 'live-migration' && underWay.has(row.status),
    );
  }
}
