/** Servers that are or were on their way to another host or flavor. @see openstack/nova:nova/api/openstack/compute/migrations.py */
import { randomUUID } from 'node:crypto';
import { Fault } from '../../../../openstack/faults.js';
import { json, noContent } from '../../../../openstack/message.js';
import { atLeast } from '../../../../openstack/microversion.js';
import { route, type Asked, type Route } from '../../../../openstack/server/route.js';
import { isoMicros, type Clock } from '../../clock.js';
import type { Cloud } from '../../cloud.js';
import { limitOf, nextLink } from '../../paging.js';
import { compared, type Parts } from '../../state/part.js';
import { serverAsked } from '../servers/asked-server.js';
import { selfLink, bookmark } from '../links.js';
import type { Server } from '../servers/server.js';

type Kind = 'resize' | 'migration' | 'live-migration' | 'evacuation';

interface Migration {
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
const underWay = new Set(['accepted', 'migrating', 'running', 'queued', 'preparing', 'post-migrating']);

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

function view(cloud: Cloud, asked: Asked, row: Migration): Record<string, unknown> {
  const since = (floor: string): boolean => atLeast(asked.microversion, floor);
  const isLive = row.kind === 'live-migration' && underWay.has(row.status);
  const below = `servers/${row.serverId}/migrations`;
  return {
    id: row.number,
    source_node: row.fromHost,
    dest_node: row.toHost,
    source_compute: row.fromHost,
    dest_compute: row.toHost,
    dest_host: row.toHost === null ? null : cloud.hosts.addressOf(row.toHost),
    status: row.status,
    instance_uuid: row.serverId,
    old_instance_type_id: cloud.flavors.numberOf(row.fromFlavor),
    new_instance_type_id: cloud.flavors.numberOf(row.toFlavor),
    created_at: isoMicros(row.createdAt),
    updated_at: isoMicros(row.updatedAt),
    ...(since('2.23') ? { migration_type: row.kind } : {}),
    ...(since('2.23') && isLive
      ? {
          links: [
            { rel: 'self', href: `${selfLink(asked, below, String(row.number))}` },
            ...bookmark(asked, below, String(row.number)),
          ],
        }
      : {}),
    ...(since('2.59') ? { uuid: row.id } : {}),
    ...(since('2.80') ? { user_id: row.userId, project_id: row.projectId } : {}),
  };
}

const progress = {
  disk_processed_bytes: 0,
  disk_remaining_bytes: 0,
  disk_total_bytes: 0,
  memory_processed_bytes: 0,
  memory_remaining_bytes: 0,
  memory_total_bytes: 0,
};

function liveView(asked: Asked, cloud: Cloud, row: Migration): Record<string, unknown> {
  const {
    instance_uuid: server_uuid,
    old_instance_type_id: _old,
    new_instance_type_id: _new,
    migration_type: _type,
    links: _links,
    ...rest
  } = view(cloud, asked, row);
  return { ...rest, server_uuid, ...progress };
}

export function migrationRoutes(cloud: Cloud): Route[] {
  const one = (asked: Asked): Migration => {
    const server = serverAsked(cloud, asked);
    const { number = '' } = asked.params;
    const row = cloud.migrations.of(server.id).find((live) => String(live.number) === number);
    if (row) return row;
    throw new Fault('not-found', `In-progress live migration ${number} is not found for server ${server.id}.`);
  };
  const below = '/servers/{id}/migrations';
  return [
    route('GET /os-migrations', 'admin', async (asked) => listMigrations(cloud, asked)),
    route(
      `GET ${below}`,
      'admin',
      async (asked) => {
        const rows = cloud.migrations.of(serverAsked(cloud, asked).id);
        return json(200, { migrations: rows.map((row) => liveView(asked, cloud, row)) });
      },
      { since: '2.23' },
    ),
    route(
      `GET ${below}/{number}`,
      'admin',
      async (asked) => json(200, { migration: liveView(asked, cloud, one(asked)) }),
      { since: '2.23' },
    ),
    route(
      `POST ${below}/{number}/action`,
      'admin',
      async (asked) => {
        requireMigrating(serverAsked(cloud, asked), 'force_complete');
        one(asked); // it will soon be through anyway
        return noContent(202);
      },
      { since: '2.22' },
    ),
    route(
      `DELETE ${below}/{number}`,
      'admin',
      async (asked) => {
        requireMigrating(serverAsked(cloud, asked), 'abort live migration');
        const row = one(asked);
        cloud.migrations.settle(row.serverId, 'cancelled');
        cloud.servers.change(row.serverId, { taskState: null });
        return noContent(202);
      },
      { since: '2.24' },
    ),
  ];
}

/** @throws Fault 409 @see openstack/nova:nova/compute/api.py live_migrate_abort */
function requireMigrating({ id, taskState }: Server, word: string): void {
  if (taskState !== 'migrating') throw new Fault('conflict', `Instance ${id} is in an invalid state for '${word}'`);
}

/** @throws Fault 400 */
function listMigrations(cloud: Cloud, asked: Asked) {
  const exact: Record<string, keyof Migration> = {
    status: 'status',
    instance_uuid: 'serverId',
    migration_type: 'kind',
    source_compute: 'fromHost',
    user_id: 'userId',
    project_id: 'projectId',
  };
  let rows = cloud.migrations.all();
  for (const [name, field] of Object.entries(exact)) {
    const wanted = asked.query.get(name);
    if (wanted !== null) rows = rows.filter((row) => row[field] === wanted);
  }
  const host = asked.query.get('host');
  if (host !== null) rows = rows.filter((row) => row.fromHost === host || row.toHost === host);
  const since = asked.query.get('changes-since');
  if (since !== null) rows = rows.filter((row) => row.updatedAt >= Date.parse(since));
  if (!atLeast(asked.microversion, '2.59'))
    return json(200, { migrations: rows.map((row) => view(cloud, asked, row)) });
  const limit = limitOf(asked, 1000);
  const marker = asked.query.get('marker');
  // A marker may be one that the filters leave out.
  const mark = marker ? cloud.migrations.all().find(({ id }) => id === marker) : undefined;
  if (marker && !mark) throw new Fault('bad-request', `Marker ${marker} could not be found.`);
  const from = mark ? rows.filter(({ number }) => number >= mark.number).length : 0;
  const page = rows.slice(from, from + limit);
  const more = page.length > 0 && from + page.length < rows.length;
  const links = more ? { migrations_links: [{ rel: 'next', href: nextLink(asked, page.at(-1)!.id) }] } : {};
  return json(200, { migrations: page.map((row) => view(cloud, asked, row)), ...links });
}
