/** What is asked of a server that is promised and not made yet: no site knows it, so the answer is here. */
import { isObject, tryJson } from '../../openstack/body.js';
import { Fault } from '../../openstack/faults.js';
import { json, noContent, type OpenStackResponse } from '../../openstack/message.js';
import { isRead, type Asked, type Route } from '../../openstack/route.js';
import { bodyOfRow, type Row } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import type { World } from '../../routing/world.js';
import { flavorsShown } from '../servers/list-servers.js';
import { detailedServer } from '../servers/server-view.js';
import { bootJob } from './boot-job.js';
import { changePromised, findPromised, mayBePromised } from './promise-row.js';

/** A route below one server, which answers for promised ones itself. */
export const orPromised =
  (world: World) =>
  (route: Route): Route => {
    const param = ['server_id', 'id'].find((name) => route.path.includes(`{${name}}`));
    if (param === undefined) return route;
    const run: Route['run'] = async (asked) => {
      const id = asked.params[param] ?? '';
      const row = mayBePromised(id) ? await findPromised(world.database, id) : undefined;
      return row ? answer(world, asked, route, row) : route.run(asked);
    };
    return { ...route, run };
  };

async function answer(world: World, asked: Asked, { path }: Route, row: Row): Promise<OpenStackResponse> {
  const { isAdmin, projectId } = asked.caller;
  if (row.deleted_at || (!isAdmin && row.project_id !== projectId)) {
    throw new Fault('not-found', `Instance ${row.id} could not be found.`);
  }
  const below = /^\/[^/]+\/\{[^}]+\}(.*)$/.exec(path)?.[1] ?? '';
  if (below === '' && asked.method === 'DELETE') return remove(world, row);
  if (below === '/action') return act(world, asked, row);
  if (!isRead(asked)) throw notNow(row, 'update');
  const body = bodyOfRow(row);
  const shown = below === '' ? { server: detailedServer(asked, body, await flavorsShown(world, asked)) } : part(asked, below, body);
  if (!shown) throw notNow(row, 'show');
  return json(200, shown);
} // prettier-ignore

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

/** The job that was to make it finds it deleted, and deletes what it may have made meanwhile. */
async function remove(world: World, row: Row): Promise<OpenStackResponse> {
  const gone = { status: 'DELETED', 'OS-EXT-STS:vm_state': 'deleted', 'OS-EXT-STS:task_state': null };
  await changePromised(world.database, row, gone);
  await world.jobs.table.again(bootJob, row.id);
  world.jobs.soon();
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
