/** Requests for a server that is still a placeholder: no site knows it, so the cascade answers by itself. */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { isRead, type Asked } from '@cascade/openstack-protocol/server/route.js';
import { bodyOfRow, type Row } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import { orPlaceholder } from '../../routing/placeholders/or-placeholder.js';
import { deletePlaceholder } from '../../routing/placeholders/add-placeholders.js';
import type { World } from '../../routing/world.js';
import { flavorsShown } from '../servers/list-servers.js';
import { detailedServer } from '../servers/server-view.js';
import { serverPlaceholders } from './boot-job.js';
import { novaTime } from './placeholder-body.js';

/** Wraps a route below one server: placeholders are answered for here. */
export const orServerPlaceholder = (world: World) =>
  orPlaceholder(world, {
    kind: 'server',
    params: ['server_id', 'id'],
    noSuch: (id) => new Fault('not-found', `Instance ${id} could not be found.`),
    answer: (asked, below, row) => answer(world, asked, below, row),
  });

async function answer(world: World, asked: Asked, below: string, row: Row): Promise<OpenStackResponse> {
  if (below === '' && asked.method === 'DELETE') return remove(world, row);
  if (below === '/action') return act(world, asked, row);
  if (!isRead(asked)) throw notNow(row, 'update');
  const body = bodyOfRow(row);
  const shown =
    below === '' ? { server: detailedServer(asked, body, await flavorsShown(world, asked)) } : part(asked, below, body);
  if (!shown) throw notNow(row, 'show');
  return json(200, shown);
}

/** What is there of a server before it is anywhere. */
function part(asked: Asked, below: string, { metadata, tags }: Body): Body | undefined {
  switch (below) {
    case '/metadata':
      return { metadata };
    case '/metadata/{key}': {
      const { key = '' } = asked.params;
      const value = isObject(metadata) ? metadata[key] : undefined;
      if (value === undefined) throw new Fault('not-found', 'Metadata item was not found');
      return { meta: { [key]: value } };
    }
    case '/tags':
      return { tags };
    case '/ips':
      return { addresses: {} };
    case '/os-interface':
      return { interfaceAttachments: [] };
    case '/os-volume_attachments':
      return { volumeAttachments: [] };
    case '/os-security-groups':
      return { security_groups: [] };
    case '/os-instance-actions':
      return { instanceActions: [] };
    default:
      return undefined;
  }
}

async function remove(world: World, row: Row): Promise<OpenStackResponse> {
  const state = { 'OS-EXT-STS:vm_state': 'deleted', 'OS-EXT-STS:task_state': null };
  await deletePlaceholder(world, serverPlaceholders, row, { status: 'DELETED', updated: novaTime(), ...state });
  return noContent();
}

async function act(world: World, asked: Asked, row: Row): Promise<OpenStackResponse> {
  const body = tryJson(await asked.readBody());
  const [action = 'action'] = isObject(body) ? Object.keys(body) : [];
  if (action === 'forceDelete') return remove(world, row);
  throw notNow(row, action);
}

/** @see openstack/nova:nova/exception.py InstanceInvalidState */
const notNow = (row: Row, action: string): Fault =>
  new Fault(
    'conflict',
    `Cannot '${action}' instance ${row.id} while it is in vm_state ${String(bodyOfRow(row)['OS-EXT-STS:vm_state'])}`,
  );
