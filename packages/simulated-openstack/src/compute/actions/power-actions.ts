/** On and off, and what is like it. */
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { noContent } from '@cascade/openstack-protocol/message.js';
import { begin, transitions, type Transition } from '../servers/transitions.js';
import type { Action, Actions } from './action.js';

const simply = (transition: Transition, journal: string): Action => ({
  journal,
  run: (cloud, _asked, server) => {
    begin(cloud, server, transition);
    return noContent(202);
  },
});

const checkReboot = bodyCheck({
  type: 'object',
  properties: { type: { type: 'string', enum: ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft'] } },
  required: ['type'],
  additionalProperties: false,
});

const checkPassword = bodyCheck({
  type: 'object',
  properties: { adminPass: { type: 'string' } },
  required: ['adminPass'],
  additionalProperties: false,
});

export const powerActions: Actions = {
  'os-stop': { ...simply(transitions.stop, 'stop'), maps: true },
  'os-start': { ...simply(transitions.start, 'start'), maps: true },
  pause: simply(transitions.pause, 'pause'),
  unpause: simply(transitions.unpause, 'unpause'),
  suspend: simply(transitions.suspend, 'suspend'),
  resume: simply(transitions.resume, 'resume'),
  reboot: {
    journal: 'reboot',
    run: (cloud, _asked, server, given) => {
      checkReboot(given);
      const { type } = given as { type: string };
      begin(cloud, server, type.toUpperCase() === 'SOFT' ? transitions.softReboot : transitions.hardReboot);
      return noContent(202);
    },
  },
  changePassword: {
    journal: 'changePassword',
    run: (cloud, _asked, server, given) => {
      checkPassword(given);
      begin(cloud, server, transitions.changePassword);
      return noContent(202);
    },
  },
};
