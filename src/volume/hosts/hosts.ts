/** Hosts, backends and clusters of sites: `site:host@backend`, since two sites may call theirs the same. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { askAsAdmin } from '../../routing/ask-as-admin.js';
import type { World } from '../../routing/world.js';
import { ignoreSilence, type Site } from '../../sites/site.js';

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
 * The site that has a host, a backend or a cluster by its own name, where a request says no site: the only one with such a one.
 * @returns undefined where there is none: a site's own words refuse it
 * @throws Fault 400 where several have one, by name
 */
export async function siteWithHost(world: World, host: string): Promise<Site | undefined> {
  const own = host.split('#')[0]!;
  const found = await Promise.all(
    world.sites.answering('volume').map(async (site) => ((await namesAt(site)).has(own) ? [site] : [])),
  );
  const sites = found.flat();
  if (sites.length < 2) return sites[0];
  const names = sites.map((site) => hostAt(site, host)).join(', ');
  throw new Fault('bad-request', `Several availability zones have a host ${host}. It has to be one of ${names}.`);
}

/** What a site's services are called, and the clusters that they are in. */
async function namesAt(site: Site): Promise<Set<string>> {
  const services = await servicesAt(site).catch((error: unknown) => ignoreSilence(error) ?? []);
  return new Set(services.flatMap(({ host, cluster }) => (cluster ? [host, cluster] : [host])));
}

interface Service {
  readonly binary: string;
  readonly host: string;
  /** From 3.7 on. */
  readonly cluster?: string | null;
}

async function servicesAt(site: Site): Promise<readonly Service[]> {
  const { body } = await askAsAdmin(site, 'volume', 'GET', '/os-services', { microversion: '3.7' });
  return (body['services'] ?? []) as Service[];
}

/**
 * The only backend of a site, which the name of the site alone stands for.
 * @returns undefined where it has none
 * @throws Fault 400 where it has several, by name
 */
export async function onlyBackend(site: Site): Promise<string | undefined> {
  const backends = (await servicesAt(site)).filter(({ binary }) => binary === 'cinder-volume').map(({ host }) => host);
  if (backends.length < 2) return backends[0];
  const names = backends.map((host) => hostAt(site, host)).join(', ');
  throw new Fault('bad-request', `Availability zone ${site.name} has several hosts. It has to be one of ${names}.`);
}
