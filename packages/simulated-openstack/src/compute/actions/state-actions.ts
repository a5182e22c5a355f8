/** Locks, shelves, and what administrators set right by hand. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { requireState } from '../servers/asked-server.js';
import { beginDeletion } from '../servers/delete-server.js';
import { begin, transitions } from '../servers/transitions.js';
import type { Actions } from './action.js';

const checkState = bodyCheck({
  type: 'object',
  properties: { state: { type: 'string', enum: ['active', 'error'] } },
  required: ['state'],
  additionalProperties: false,
});

const checkLock = bodyCheck({
  type: ['object', 'null'],
  properties: { locked_reason: { type: 'string', minLength: 1, maxLength: 255 } },
  additionalProperties: false,
});

export const stateActions: Actions = {
  lock: {
    journal: 'lock',
    despiteLock: true,
    run: (cloud, asked, server, given) => {
      const takesReason = atLeast(asked.microversion, '2.73');
      if (takesReason) checkLock(given);
      const reason = takesReason ? ((given as { locked_reason?: string } | null)?.locked_reason ?? null) : null;
      cloud.servers.change(server.id, { locked: true, lockedReason: reason });
      return noContent(202);
    },
  },
  unlock: {
    journal: 'unlock',
    despiteLock: true,
    run: (cloud, _asked, server) => {
      cloud.servers.change(server.id, { locked: false, lockedReason: null });
      return noContent(202);
    },
  },
  shelve: {
    journal: 'shelve',
    run: (cloud, _asked, server) => {
      begin(cloud, server, transitions.shelve, { atEnd: { host: null } });
      return noContent(202);
    },
  },
  shelveOffload: {
    journal: 'shelveOffload',
    admin: 'os_compute_api:os-shelve:shelve_offload',
    run: (cloud, _asked, server) => {
      begin(cloud, server, transitions.shelveOffload, { atEnd: { host: null } });
      return noContent(202);
    },
  },
  unshelve: {
    journal: 'unshelve',
    run: (cloud, asked, server, given) => {
      const { availability_zone: zone } = (given ?? {}) as { availability_zone?: string | null };
      requireState(server, 'unshelve', transitions.unshelve.from);
      if (zone && atLeast(asked.microversion, '2.77') && zone !== cloud.zone) {
        throw new Fault('bad-request', 'The requested availability zone is not available');
      }
      const host = cloud.hosts.withRoomFor(cloud.flavors.ever(server.flavorId));
      begin(cloud, server, transitions.unshelve, {
        atEnd: { host: host ?? null, ...(host ? {} : { vmState: 'error' }) },
      });
      return noContent(202);
    },
  },
  forceDelete: {
    run: (cloud, asked, server) => {
      beginDeletion(cloud, asked, server);
      return noContent(202);
    },
  },
  restore: {
    journal: 'restore',
    run: (_cloud, _asked, server) => {
      requireState(server, 'restore', []); // deletions are not deferred here, so nothing is ever soft-deleted
      return noContent(202);
    },
  },
  'os-resetState': {
    journal: 'os-resetState',
    admin: 'os_compute_api:os-admin-actions:reset_state',
    run: (cloud, _asked, server, given) => {
      checkState(given);
      const { state: vmState } = given as { state: 'active' | 'error' };
      cloud.servers.change(server.id, { vmState, taskState: null });
      return noContent(202);
    },
  },
  injectNetworkInfo: {
    admin: 'os_compute_api:os-admin-actions:inject_network_info',
    run: () => noContent(202),
  },
  resetNetwork: {
    admin: 'os_compute_api:os-admin-actions:reset_network',
    // Gone since Xena. @see openstack/nova:nova/api/openstack/compute/admin_actions.py
    gone: ({ releaseName }) => releaseName !== 'mitaka' && releaseName !== 'train',
    run: () => noContent(202),
  },
  trigger_crash_dump: {
    journal: 'trigger_crash_dump',
    since: '2.17',
    maps: true,
    run: (_cloud, _asked, server) => {
      requireState(server, 'trigger_crash_dump', ['active', 'paused', 'rescued', 'resized', 'error']);
      return noContent(202);
    },
  },
};
