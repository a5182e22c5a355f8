/** Administrators move servers between hosts. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { requireState } from '../servers/asked-server.js';
import { adminPass } from './rebuild-actions.js';
import { begin, transitions } from '../servers/transitions.js';
import type { Actions } from './action.js';

export const migrationActions: Actions = {
  'os-migrateLive': {
    journal: 'live-migration',
    admin: 'os_compute_api:os-migrate-server:migrate_live',
    managed: true,
    run: (cloud, asked, server, given) => {
      const { host: wanted } = (given ?? {}) as { host?: string | null };
      if (wanted) cloud.hosts.require(wanted, 'bad-request');
      requireState(server, 'os-migrateLive', transitions.liveMigrate.from);
      const host = wanted ?? cloud.hosts.otherThan(server.host);
      if (!host) throw new Fault('bad-request', 'No valid host was found. There are not enough hosts available.');
      cloud.migrations.begin(server, { kind: 'live-migration', toFlavor: server.flavorId, toHost: host, asked });
      begin(cloud, server, transitions.liveMigrate, {
        atEnd: { host, vmState: server.vmState },
        migration: 'completed',
      });
      return noContent(202);
    },
  },
  evacuate: {
    journal: 'evacuate',
    admin: 'os_compute_api:os-evacuate',
    run: (cloud, asked, server, given) => {
      const { host: wanted } = (given ?? {}) as { host?: string | null };
      if (wanted && !cloud.hosts.has(wanted)) throw new Fault('not-found', `Compute host ${wanted} not found.`);
      requireState(server, 'evacuate', transitions.evacuate.from);
      if (server.host !== null && cloud.hosts.isUp(server.host)) {
        throw new Fault('bad-request', `Compute service of ${server.host} is still in use.`);
      }
      const host = wanted ?? cloud.hosts.otherThan(server.host) ?? server.host;
      cloud.migrations.begin(server, { kind: 'evacuation', toFlavor: server.flavorId, toHost: host, asked });
      begin(cloud, server, transitions.evacuate, {
        atEnd: { host, fault: null, ...(atLeast(asked.microversion, '2.95') ? { vmState: 'stopped' } : {}) },
        migration: 'done',
      });
      return atLeast(asked.microversion, '2.14') ? noContent(200) : json(200, { adminPass: adminPass() });
    },
  },
};
