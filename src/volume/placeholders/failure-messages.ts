/**
 * Why a placeholder's volume could not be created, as Cinder tells its users of asynchronous failures. No site knows of it,
 * so it is kept here, as long as the volume is there.
 * @see openstack/cinder:cinder/message/message_field.py, cinder/api/v3/views/messages.py
 */
import { newRequestId } from '@cascade/openstack-protocol/server/request-id.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { bodyOfRow, rowColumns, type Row } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import { updatePlaceholder, newPlaceholderId, storePlaceholder } from '../../routing/placeholders/placeholder-rows.js';
import { kindNamed, type World } from '../../routing/world.js';
import { linksOf } from '../lists/views.js';
import { cinderTime } from './volume-job.js';

const kindName = 'volume_message';
/** Cinder's message_ttl. */
const livesMs = 30 * 86_400_000;

/** What messages may be filtered by. */
const filters = ['event_id', 'message_level', 'request_id', 'resource_type', 'resource_uuid'];

/** `copy image to volume`, for a reason that has no number of Cinder's. */
export async function keepMessage(world: World, volume: Row, cause: string): Promise<void> {
  await storePlaceholder(world.database, kindNamed(world, kindName), world.sites.require(volume.site_id), {
    id: newPlaceholderId(),
    project_id: volume.project_id,
    event_id: 'VOLUME_VOLUME_005_001',
    user_message: `copy image to volume:${cause}`,
    message_level: 'ERROR',
    created_at: cinderTime(),
    guaranteed_until: cinderTime(livesMs),
    request_id: newRequestId(),
    resource_type: 'VOLUME',
    resource_uuid: volume.id,
  });
}

/** With the volume goes what there was to say of it. */
export async function dropMessages(world: World, volumeId: string): Promise<void> {
  const rows = await keptMessages(world, `r.facts->>'resource_uuid' = $2`, volumeId);
  for (const row of rows) await dropMessage(world, row);
}

/** @returns false where it is gone already */
export const dropMessage = (world: World, row: Row): Promise<boolean> =>
  updatePlaceholder(world.database, kindNamed(world, kindName), row, { updated_at: cinderTime() }, true);

/** Those of the caller's project that the query asks for. */
export async function messagesOf(world: World, asked: Asked): Promise<Body[]> {
  const rows = await keptMessages(world, 'r.project_id = $2', asked.caller.projectId ?? '');
  const given = filters.flatMap((name) => (asked.query.has(name) ? [[name, asked.query.get(name)] as const] : []));
  const all = rows.map((row) => shownMessage(asked, row));
  return all.filter((message) => given.every(([name, value]) => message[name] === value));
}

export function shownMessage(asked: Asked, row: Row): Body {
  const { project_id: _, updated_at: _never, ...body } = bodyOfRow(row);
  return { ...body, links: linksOf(asked, 'messages', row.id) };
}

const keptMessages = (world: World, where: string, value: string): Promise<Row[]> =>
  world.database.many<Row>(
    `select ${rowColumns} from resource r where r.kind = $1 and r.is_placeholder and r.deleted_at is null and ${where}`,
    [kindName, value],
  );
