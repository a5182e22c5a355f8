/** What belongs to no single resource: the project's own site is asked. */
import { tryJson } from '@cascade/openstack-protocol/server/body.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { sendAdmitted } from './admission.js';
import { callSite } from './site-call.js';
import type { World } from './world.js';

/** Documents that are the same in every cloud of a release: schemas, extension lists. */
export function readAtHome(world: World): Answer {
  return async (asked) => callSite(asked, await world.placement.homeSite(asked.caller.projectId, asked.service.name));
}

/** Creates something that no site is chosen for, and of which the inventory keeps nothing. */
export function createAtHome(world: World, kind: string): Answer {
  return async (asked) => {
    const { projectId } = asked.caller;
    const site = await world.placement.homeSite(projectId, asked.service.name);
    const raw = await asked.readBody();
    const taking = { asked, site, kind, projectId, body: tryJson(raw) };
    const response = await sendAdmitted(world, taking, () => callSite(asked, site, { body: raw }));
    await world.freshness.touch(site, asked.service.name, [projectId]);
    return response;
  };
}
