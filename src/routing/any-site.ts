/** Documents that are the same in every cloud of a release: the project's own site is asked. */
import { isRead, type Answer } from '../openstack/server/route.js';
import { callSite } from './site-call.js';
import type { World } from './world.js';

/** Passes a call to the project's own site. Used for what belongs to no single resource: schemas, extension lists. */
export function passToHome(world: World): Answer {
  return async (asked) => {
    const site = await world.placement.homeSite(asked.caller.projectId, asked.service.name);
    const response = await callSite(asked, site, isRead(asked) ? {} : { body: await asked.readBody() });
    if (!isRead(asked)) await world.freshness.touch(site, asked.service.name, [asked.caller.projectId]);
    return response;
  };
}
