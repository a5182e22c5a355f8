/** Documents that are the same in every cloud of a release: the project's own site is asked. */
import type { Answer } from '../openstack/route.js';
import { callSite } from './site-call.js';
import type { World } from './world.js';

/** Passes a call to the project's own site. Used for what belongs to no single resource: schemas, extension lists. */
export function passToHome(world: World): Answer {
  return async (asked) => {
    const site = await world.placement.homeSite(asked.caller.projectId, asked.service.name);
    const body = asked.method === 'GET' || asked.method === 'HEAD' ? undefined : await asked.readBody();
    const response = await callSite(asked, site, body && body.length > 0 ? { body } : {});
    if (body) world.freshness.touch(site, asked.service.name, [asked.caller.projectId]);
    return response;
  };
}
