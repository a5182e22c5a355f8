/** Security groups of a server's ports. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { noContent } from '@cascade/openstack-protocol/message.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../cloud.js';
import type { Server } from '../servers/server.js';
import { addressActions } from './address-actions.js';
import type { Actions } from './action.js';

/** @throws Fault 400 @see openstack/nova:nova/api/openstack/compute/security_groups.py _parse */
function groupIn(given: unknown): string {
  const bad = (words: string): Fault => new Fault('bad-request', words);
  if (!isObject(given)) throw bad('Missing parameter dict');
  if (given['name'] === undefined) throw bad('Security group not specified');
  const name = typeof given['name'] === 'string' ? given['name'] : '';
  if (name.trim() === '') throw bad('Security group name cannot be empty');
  return name;
}

/** The named group, for a server that has ports. @throws Fault 404 */
function groupFor(cloud: Cloud, { caller }: Asked, server: Server, given: unknown): string {
  const name = groupIn(given);
  if (!cloud.networks.hasGroup(server.projectId, name)) {
    throw new Fault('not-found', `Security group ${name} is not found for project ${caller.projectId ?? 'None'}`);
  }
  if (cloud.networks.portsOf(server.id).length > 0) return name;
  throw new Fault('not-found', `instance_id ${server.id} could not be found as device id on any ports`);
}

export const networkActions: Actions = {
  addSecurityGroup: {
    run: (cloud, asked, server, given) => {
      cloud.networks.join(server.id, server.projectId, groupFor(cloud, asked, server, given));
      return noContent(202);
    },
  },
  removeSecurityGroup: {
    run: (cloud, asked, server, given) => {
      cloud.networks.leave(server.id, server.projectId, groupFor(cloud, asked, server, given));
      return noContent(202);
    },
  },
  ...addressActions,
};
