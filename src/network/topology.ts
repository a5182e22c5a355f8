/** `/auto-allocated-topology/{project_id}`: a network, subnet and router made at the first look, in the project's own site. */
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { callSite } from '../routing/site-call.js';
import type { World } from '../routing/world.js';

export function autoAllocatedTopology(world: World): Answer {
  return async (asked) => {
    const named = asked.params['project_id'];
    // `None` means the caller's own, as does whatever a tenant writes: the site refuses another's.
    const projectId =
      asked.caller.isAdmin && named && /^[0-9a-f-]{32,36}$/.test(named) ? named : asked.caller.projectId;
    const site = await world.placement.homeSite(projectId, 'network');
    const response = await callSite(asked, site);
    // A GET makes things here, too.
    await world.freshness.touch(site, asked.service.name, [asked.caller.projectId, projectId]);
    return response;
  };
}
