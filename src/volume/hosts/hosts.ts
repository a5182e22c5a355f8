/** Hosts, backends and clusters of sites: `site:host@backend`, since two sites may call theirs the same. */
import { Fault } from '../../openstack/faults.js';
import { bodyOf, isOk } from '../../openstack/message.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';
import type { World } from '../../routing/world.js';

export const hostMark = ':';

export const hostAt = (site: Site, host: string): string => `${site.name}${hostMark}${host}`;

export interface NamedHost {
  /** Undefined where the name begins with no site: the service's own words refuse it. */
  readonly site: Site | undefined;
  /** As the site calls it; '' where the site alone is named. */
  readonly host: string;
}

export function hostNamed(world: World, text: string): NamedHost {
  const at = text.indexOf(hostMark);
  const site = world.sites.byName(at < 0 ? text : text.slice(0, at));
  return site ? { site, host: at < 0 ? '' : text.slice(at + 1) } : { site: undefined, host: text };
}

/**
 * The site that has a host by its own name, where a write says no site: the only one with such a host.
 * @returns undefined where there is none: a site's own words refuse it
 * @throws Fault 400 where several have one, by name
 */
export async function siteWithHost(world: World, host: string): Promise<Site | undefined> {
  const own = host.split('#')[0];
  const found = await Promise.all(
    world.sites.answering('volume').map(async (site) => {
      const request = {
        service: 'volume',
        method: 'GET',
        path: '/os-services',
        query: 'binary=cinder-volume',
      } as const;
      const response = await site.request(request).catch((error: unknown) => {
        if (error instanceof SiteUnreachable) return undefined;
        throw error;
      });
      const body = response && isOk(response) ? (bodyOf(response) as { services?: { host: string }[] }) : undefined;
      return body?.services?.some((service) => service.host === own) ? [site] : [];
    }),
  );
  const sites = found.flat();
  if (sites.length < 2) return sites[0];
  const names = sites.map((site) => hostAt(site, host)).join(', ');
  throw new Fault('bad-request', `Several availability zones have a host ${host}. It has to be one of ${names}.`);
}
