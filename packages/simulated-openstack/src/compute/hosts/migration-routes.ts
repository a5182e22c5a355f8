/** `/os-migrations` and a server's live migrations. @see openstack/nova:nova/api/openstack/compute/migrations.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { limitOf, nextLink } from '@cascade/openstack-adapter/paging.js';
import { selfLink, bookmark } from '@cascade/openstack-adapter/compute/links.js';
import { isoMicros } from '../../clock.js';
import type { Cloud } from '../cloud.js';
import { forManager, managerIn } from '../managers.js';
import { requireAdmin, serverAsked } from '../servers/asked-server.js';
import type { Server } from '../servers/server.js';
import type { Migration } from './migrations.js';
import { underWay } from './migrations.js';

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
    route('GET /os-migrations', managerIn(cloud), async (asked) => listMigrations(cloud, asked)),
    route(
      `GET ${below}`,
      managerIn(cloud),
      async (asked) => {
        const rows = cloud.migrations.of(serverAsked(cloud, asked).id);
        return json(200, { migrations: rows.map((row) => forManager(asked.caller, liveView(asked, cloud, row))) });
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
      managerIn(cloud),
      async (asked) => {
        requireMigrating(serverAsked(cloud, asked), 'force_complete');
        one(asked); // it will soon be through anyway
        return noContent(202);
      },
      { since: '2.22' },
    ),
    route(
      `DELETE ${below}/{number}`,
      managerIn(cloud),
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

/** @throws Fault 400, 403 */
function listMigrations(cloud: Cloud, asked: Asked) {
  if (asked.query.get('project_id') !== asked.caller.projectId)
    requireAdmin(asked, 'os_compute_api:os-migrations:index:all_projects');
  const shown = (row: Migration) => forManager(asked.caller, view(cloud, asked, row));
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
  if (!atLeast(asked.microversion, '2.59')) return json(200, { migrations: rows.map(shown) });
  const limit = limitOf(asked, 1000);
  const marker = asked.query.get('marker');
  // A marker may be one that the filters leave out.
  const mark = marker ? cloud.migrations.all().find(({ id }) => id === marker) : undefined;
  if (marker && !mark) throw new Fault('bad-request', `Marker ${marker} could not be found.`);
  const from = mark ? rows.filter(({ number }) => number >= mark.number).length : 0;
  const page = rows.slice(from, from + limit);
  const more = page.length > 0 && from + page.length < rows.length;
  const links = more ? { migrations_links: [{ rel: 'next', href: nextLink(asked, page.at(-1)!.id) }] } : {};
  return json(200, { migrations: page.map(shown), ...links });
}
