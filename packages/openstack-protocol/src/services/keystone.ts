/** Keystone. Sites share the cascade's, so they are not asked for it. */
import { keystoneBody } from '../server/fault-response.js';
import { Fault } from '../faults.js';
import type { Service } from '../service.js';
import { methodNotAllowed, nothing } from '../server/unrouted.js';

export const keystone: Service = {
  name: 'identity',
  types: ['identity'],
  project: 'keystone',
  catalog: [{ type: 'identity', name: 'keystone', path: '' }],
  version: '/v3',
  isPassedOn: true,
  unrouted: {
    ignoresTrailingSlash: true,
    headIsGet: true,
    noPath: () => new Fault('not-found', nothing),
    noMethod: (method, has) => methodNotAllowed(method, has),
  },
  faultBody: keystoneBody,
  effects: [],
};
