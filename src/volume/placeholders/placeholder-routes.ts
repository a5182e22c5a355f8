/** Requests for a volume that is still a placeholder: no site knows it, so the cascade answers by itself. */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { isRead, type Asked } from '@cascade/openstack-protocol/server/route.js';
import { bodyOfRow, type Row } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import { orPlaceholder } from '../../routing/placeholders/or-placeholder.js';
import { deletePlaceholder } from '../../routing/placeholders/add-placeholders.js';
import type { World } from '../../routing/world.js';
import { views } from '../lists/views.js';
import { dropMessage, dropMessages, shownMessage } from './failure-messages.js';
import { cinderTime, volumePlaceholders } from './volume-job.js';

/** Wraps a route below one volume: placeholders are answered for here. */
export const orVolumePlaceholder = (world: World) =>
  orPlaceholder(world, {
    kind: 'volume',
    params: ['volume_id'],
    noSuch: (id) => new Fault('not-found', `Volume ${id} could not be found.`),
    answer: (asked, below, row) => answer(world, asked, below, row),
  });

/** A route below one message, which may be about a volume that no site knows. */
export const orKeptMessage = (world: World) =>
  orPlaceholder(world, {
    kind: 'volume_message',
    params: ['message_id'],
    noSuch: (id) => new Fault('not-found', `Message ${id} could not be found.`),
    answer: async (asked, _below, row) => {
      if (isRead(asked)) return json(200, { message: shownMessage(asked, row) });
      await dropMessage(world, row);
      return noContent();
    },
  });

async function answer(world: World, asked: Asked, below: string, row: Row): Promise<OpenStackResponse> {
  // Cinder deletes a volume that no host has, whatever it is doing. @see openstack/cinder:cinder/volume/api.py delete
  if (below === '' && asked.method === 'DELETE') return remove(world, row);
  if (below === '/action') return act(world, asked, row);
  if (!isRead(asked)) throw notNow(row);
  const shown = below === '' ? { volume: views.volume.detailed(asked, row) } : part(asked, below, row);
  if (!shown) throw notNow(row);
  return json(200, shown);
}

/** What is there of a volume before it is anywhere. */
function part({ params }: Asked, below: string, row: Row): Body | undefined {
  const { metadata } = bodyOfRow(row) as { metadata: Body };
  if (below === '/metadata') return { metadata };
  if (below === '/encryption') return { encryption_key_id: null };
  if (below !== '/metadata/{key}') return undefined;
  const { key = '' } = params;
  if (!Object.hasOwn(metadata, key)) {
    throw new Fault('not-found', `Volume ${row.id} has no metadata with key ${key}.`);
  }
  return { meta: { [key]: metadata[key] } };
}

async function remove(world: World, row: Row): Promise<OpenStackResponse> {
  await deletePlaceholder(world, volumePlaceholders, row, { status: 'deleted', updated_at: cinderTime() });
  await dropMessages(world, row.id);
  return noContent(202);
}

async function act(world: World, asked: Asked, row: Row): Promise<OpenStackResponse> {
  const body = tryJson(await asked.readBody());
  const isForced = isObject(body) && 'os-force_delete' in body && asked.caller.isAdmin;
  if (isForced) return remove(world, row);
  throw notNow(row);
}

const notNow = (row: Row): Fault => {
  const words = `Volume ${row.id} status must be available, but current status is: ${String(bodyOfRow(row)['status'])}.`;
  return new Fault('bad-request', `Invalid volume: ${words}`);
};
