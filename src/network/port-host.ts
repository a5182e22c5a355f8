/**
 * `binding:host_id`, which administrators give. A site is one huge host to those who look at the cascade, so its name may
 * be given: it means that site, and is passed on only where the site has a host of that name.
 */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Site } from '../sites/site.js';
import { askAsAdmin } from '../routing/ask-as-admin.js';
import type { World } from '../routing/world.js';

const field = 'binding:host_id';

/** The site whose name a port gives as its host. */
export function hostSite(world: World, ports: readonly Record<string, unknown>[]): Site | undefined {
  for (const port of ports) {
    const host = port[field];
    const site = typeof host === 'string' ? world.sites.byName(host) : undefined;
    if (site) return site;
  }
  return undefined;
}

/** @throws Fault 400 where the site has no host of its own name; SiteUnreachable */
export async function requireHost(site: Site): Promise<void> {
  const query = new URLSearchParams({ host: site.name, fields: 'host' }).toString();
  const { body } = await askAsAdmin(site, 'network', 'GET', '/agents', { query });
  const agents = body['agents'];
  if (Array.isArray(agents) && agents.length > 0) return;
  const words = `port.${field}: ${site.name} is an availability zone and has no host of that name; give one of its hosts.`;
  throw new Fault('bad-request', words, { type: 'InvalidInput' });
}
