/**
 * Metadata definitions are one catalog for the whole cloud. One site keeps it for all: the first that answers, which is
 * the same for every caller. Should it fall silent, the next one speaks, with its own definitions.
 */
import { Fault } from '../openstack/faults.js';
import type { Answer } from '../openstack/route.js';
import { callSite } from '../routing/site-call.js';
import type { World } from '../routing/world.js';

export function passToSpeaker(world: World): Answer {
  return async (asked) => {
    const [site] = world.sites.answering('image').filter((one) => one.state === 'enabled');
    if (!site) {
      const words = 'No availability zone answers at the moment.';
      throw new Fault('unavailable', words, { headers: { 'retry-after': '10' } });
    }
    const body = asked.method === 'GET' || asked.method === 'HEAD' ? undefined : await asked.readBody();
    return callSite(asked, site, body && body.length > 0 ? { body } : {});
  };
}
