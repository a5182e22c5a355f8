/** Security groups of a server's ports. */
import { noContent } from '../../../../openstack/message.js';
import { bodyCheck } from '../../../../openstack/nova-schema.js';
import type { Actions } from './actions.js';
import { addressActions } from './address-actions.js';

const checkGroup = bodyCheck({
  type: 'object',
  properties: { name: { type: 'string', minLength: 1 } },
  required: ['name'],
  additionalProperties: false,
});

export const networkActions: Actions = {
  addSecurityGroup: {
    run: (cloud, _asked, server, given) => {
      checkGroup(given);
      cloud.networks.join(server.id, server.projectId, (given as { name: string }).name);
      return noContent(202);
    },
  },
  removeSecurityGroup: {
    run: (cloud, _asked, server, given) => {
      checkGroup(given);
      cloud.networks.leave(server.id, server.projectId, (given as { name: string }).name);
      return noContent(202);
    },
  },
  ...addressActions,
};
