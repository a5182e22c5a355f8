/**
 * Metadata definitions are one catalog for the whole cloud. One site keeps it for all: the first that answers, which is
 * the same for every caller. Should it fall silent, the next one speaks, with its own definitions.
 */
import { isRead, type Answer } from '@cascade/openstack-protocol/server/route.js';
import { callSite } from '../routing/site-call.js';
import type { World } from '../routing/world.js';
import { noZoneAnswers } from '../sites/site.js';

export function passToSpeaker(world: World): Answer {
  return async (asked) => {
    const [site] = world.sites.answering('image').filter((one) => one.state === 'enabled');
    if (!site) throw noZoneAnswers();
    return callSite(asked, site, isRead(asked) ? {} : { body: await asked.readBody() });
  };
}
