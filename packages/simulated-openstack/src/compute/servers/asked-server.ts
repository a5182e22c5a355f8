/** The server a request names, and whether it is in a state for what is asked. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../cloud.js';
import type { Server, VmState } from './server.js';

/** The living server of parameter `id`, if the caller may see it. @throws Fault 404 */
export function serverAsked(cloud: Cloud, asked: Asked): Server {
  const { id = '' } = asked.params;
  const server = cloud.servers.living(id);
  if (!server || !(asked.caller.isAdmin || server.projectId === asked.caller.projectId)) {
    throw new Fault('not-found', `Instance ${id} could not be found.`);
  }
  return server;
}

/** The same, where Nova asks which cell has it. @throws Fault 404 @see openstack/nova:nova/objects/instance_mapping.py */
export function mappedServer(cloud: Cloud, asked: Asked): Server {
  const { id = '' } = asked.params;
  if (cloud.servers.find(id)) return serverAsked(cloud, asked);
  throw new Fault('not-found', `Instance ${id} has no mapping to a cell.`);
}

/** @throws Fault 403 */
export function requireAdmin(asked: Asked, rule: string): void {
  if (!asked.caller.isAdmin) throw new Fault('forbidden', `Policy doesn't allow ${rule} to be performed.`);
}

/** What a tenant may not do to a locked server. @throws Fault 409 */
export function requireUnlocked(asked: Asked, server: Server): void {
  if (server.locked && !asked.caller.isAdmin) throw new Fault('conflict', `Instance ${server.id} is locked`);
}

/**
 * @param word the action as Nova names it
 * @param tasks that may be under way; otherwise there must be none
 * @throws Fault 409 @see openstack/nova:nova/api/openstack/common.py raise_http_conflict_for_instance_invalid_state
 */
export function requireState(
  server: Server,
  word: string,
  states: readonly VmState[],
  tasks: 'any' | readonly string[] = [],
): void {
  const words = (attribute: string, state: string) =>
    `Cannot '${word}' instance ${server.id} while it is in ${attribute} ${state}`;
  if (!states.includes(server.vmState)) throw new Fault('conflict', words('vm_state', server.vmState));
  if (server.taskState !== null && tasks !== 'any' && !tasks.includes(server.taskState)) {
    throw new Fault('conflict', words('task_state', server.taskState));
  }
}
