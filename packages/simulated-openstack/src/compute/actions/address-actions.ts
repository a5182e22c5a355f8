/** Fixed addresses added and taken away by Nova. Floating ones are Neutron's since 2.44. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { noContent } from '@cascade/openstack-protocol/message.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { uuid } from '@cascade/openstack-protocol/compute/parameter-types.js';
import type { Actions } from './action.js';

const checkAdd = bodyCheck({
  type: 'object',
  properties: { networkId: uuid },
  required: ['networkId'],
  additionalProperties: false,
});

const checkRemove = bodyCheck({
  type: 'object',
  properties: { address: { type: 'string' } },
  required: ['address'],
  additionalProperties: false,
});

export const addressActions: Actions = {
  addFixedIp: {
    until: '2.43',
    run: (cloud, _asked, server, given) => {
      checkAdd(given);
      const { networkId } = given as { networkId: string };
      cloud.networks.plug({ projectId: server.projectId, deviceId: server.id, networkId });
      return noContent(202);
    },
  },
  removeFixedIp: {
    until: '2.43',
    run: (cloud, _asked, server, given) => {
      checkRemove(given);
      const { address } = given as { address: string };
      const port = cloud.networks
        .portsOf(server.id)
        .find((one) => one.addresses.some((had) => had.address === address));
      if (!port) throw new Fault('bad-request', `Unable to find address ${address}`);
      cloud.networks.unplug(port.portId);
      return noContent(202);
    },
  },
};
