/** One site's answer to a tenant's question; no answer from a site that is silent. */
import { Fault } from '../openstack/faults.js';
import type { OpenStackResponse } from '../openstack/message.js';
import type { Asked } from '../openstack/route.js';
import { callSite } from '../routing/site-call.js';
import type { World } from '../routing/world.js';
import { SiteUnreachable, type Site } from '../sites/site.js';

export async function hear(asked: Asked, site: Site, query: URLSearchParams): Promise<OpenStackResponse | undefined> {
  try {
    return await callSite(asked, site, { query: query.toString() });
  } catch (error) {
    if (error instanceof SiteUnreachable) return undefined;
    throw error;
  }
}

/** The sites that can be asked now. @throws Fault 503 where there is none */
export function answeringSites(world: World): Site[] {
  const sites = world.sites.answering('compute');
  if (sites.length > 0) return sites;
  throw new Fault('unavailable', 'No availability zone answers at the moment.', { headers: { 'retry-after': '10' } });
}
