/** Another flavor, confirmed or taken back. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { noContent } from '@cascade/openstack-protocol/message.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import type { Cloud } from '../cloud.js';
import { requireState } from '../servers/asked-server.js';
import { requireRoom } from '../quotas/quota-check.js';
import type { Server } from '../servers/server.js';
import { begin, transitions } from '../servers/transitions.js';
import type { Action, Actions } from './action.js';

const checkResize = bodyCheck({
  type: 'object',
  properties: {
    flavorRef: { type: ['string', 'integer'], minLength: 1 },
    'OS-DCF:diskConfig': { type: 'string', enum: ['AUTO', 'MANUAL'] },
  },
  required: ['flavorRef'],
  additionalProperties: false,
});

export const resizeActions: Actions = {
  resize: {
    journal: 'resize',
    run: (cloud, asked, server, given) => {
      checkResize(given);
      const { flavorRef } = given as { flavorRef: string | number };
      const flavor = cloud.flavors.find(String(flavorRef).split('/').at(-1)!);
      if (!flavor) throw new Fault('bad-request', `Flavor ${flavorRef} could not be found.`);
      requireState(server, 'resize', transitions.resize.from);
      if (flavor.id === server.flavorId) {
        throw new Fault('bad-request', 'When resizing, instances must change flavor!');
      }
      const now = cloud.flavors.ever(server.flavorId);
      if (flavor.disk === 0 && now.disk > 0 && server.imageId) {
        throw new Fault('bad-request', 'Resize to zero disk flavor is not allowed.');
      }
      requireRoom(cloud, server.projectId, { cores: flavor.vcpus - now.vcpus, ram: flavor.ram - now.ram });
      cloud.migrations.begin(server, { kind: 'resize', toFlavor: flavor.id, asked });
      moveAside(cloud, server, flavor.id, transitions.resize);
      return noContent(202);
    },
  },
  migrate: {
    journal: 'migrate',
    admin: 'os_compute_api:os-migrate-server:migrate',
    managed: true,
    run: (cloud, asked, server, given) => {
      const { host } = (given ?? {}) as { host?: string | null };
      if (host) cloud.hosts.require(host, 'bad-request');
      requireState(server, 'migrate', transitions.migrate.from);
      cloud.migrations.begin(server, { kind: 'migration', toFlavor: server.flavorId, asked });
      moveAside(cloud, server, server.flavorId, transitions.migrate, host ?? undefined);
      return noContent(202);
    },
  },
  confirmResize: confirm(),
  revertResize: revert(),
};

/** Onto another host, with the same or another flavor; what was is kept until it is confirmed. */
function moveAside(
  cloud: Cloud,
  server: Server,
  flavorId: string,
  how: typeof transitions.resize | typeof transitions.migrate,
  host: string | undefined = cloud.hosts.otherThan(server.host),
): void {
  const before = { flavorId: server.flavorId, host: server.host, vmState: server.vmState };
  begin(cloud, server, how, {
    atEnd: { before, flavorId, host: host ?? server.host },
    migration: 'finished',
  });
}

function confirm(): Action {
  return {
    journal: 'confirmResize',
    run: (cloud, _asked, server) => {
      requireState(server, 'confirmResize', transitions.confirmResize.from);
      const vmState = server.before?.vmState ?? 'active';
      begin(cloud, server, transitions.confirmResize, { atEnd: { before: null, vmState } });
      cloud.migrations.settle(server.id, 'confirmed');
      return noContent(204);
    },
  };
}

function revert(): Action {
  return {
    journal: 'revertResize',
    run: (cloud, _asked, server) => {
      requireState(server, 'revertResize', transitions.revertResize.from);
      const { before } = server;
      begin(cloud, server, transitions.revertResize, { atEnd: { ...before, before: null } });
      cloud.migrations.settle(server.id, 'reverted');
      return noContent(202);
    },
  };
}
