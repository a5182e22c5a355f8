/** Paths that an older Glance does not have: it says so of every path alike, and the cascade says which zone and what. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { nothing } from '@cascade/openstack-protocol/server/unrouted.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { wordsOf } from '../copies/image.js';
import { callSite } from '../routing/site-call.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';

/** True for a 404 about the path, which tells of nothing that was looked for. */
export const hasNoPath = (response: OpenStackResponse): boolean =>
  response.status === 404 && wordsOf(response).replace(/^(404 Not Found )+/, '') === nothing;

/** @throws Fault 404 with the zone */
export function requirePath(response: OpenStackResponse, site: Site, what: string): OpenStackResponse {
  if (!hasNoPath(response)) return response;
  throw new Fault('not-found', `Availability zone ${site.name} does not support ${what}: its image service is older.`);
}

/** The same as a step behind an answer of one site. */
export const orTooOld = (what: string) => (_asked: Asked, response: OpenStackResponse, site: Site) =>
  requirePath(response, site, what);

/** What is asked of the project's home. */
export const readNamedAtHome =
  (world: World, what: string): Answer =>
  async (asked) => {
    const home = await world.placement.homeSite(asked.caller.projectId, 'image');
    return requirePath(await callSite(asked, home), home, what);
  };
