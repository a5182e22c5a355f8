/**
 * How the bytes of a copy come to a site. `upload`: the cascade streams them into the site's Glance. `web-download`: the site
 * fetches them from the cascade, stages and imports them. `glance-download`: it fetches them from the other site, past the
 * cascade. A site that does not offer what policy wants is uploaded to. See docs/decisions/0022.
 */
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';

export const copyMethods = ['upload', 'web-download', 'glance-download'] as const;
export type CopyMethod = (typeof copyMethods)[number];
export type ImportMethod = Exclude<CopyMethod, 'upload'>;

/** Methods of import that a site's Glance offers; none where it is older than imports. @throws SiteUnreachable */
export async function importMethodsOf(site: Site): Promise<readonly string[]> {
  const response = await site.request({ service: 'image', method: 'GET', path: '/info/import' });
  const info = bodyOf(response) as { 'import-methods'?: { value?: unknown } } | undefined;
  const methods = info?.['import-methods']?.value;
  return response.status === 200 && Array.isArray(methods) ? methods.map(String) : [];
}

/**
 * What `glance-download` is asked with: the other site's region, by which the site finds its Glance in the catalog of the
 * Keystone that both have, at the endpoint by which the cascade reaches it, and the image's id there. Where the two have none in common the site refuses, or finds nothing.
 * @returns the words of why it cannot be asked for
 * @see openstack/glance:glance/async_/flows/_internal_plugins/glance_download.py
 */
export async function glanceDownload(sites: SiteRegistry, source: Site, target: Site, imageId: string) {
  const [from, to] = [sites.viewByName(source.name), sites.viewByName(target.name)];
  if (from.region === to.region) return `${source.name} and ${target.name} are one region`;
  const own = (await sites.aliases.find(source.id, imageId)) ?? imageId;
  // The target's gateway would write its own id there.
  if (await sites.aliases.find(target.id, own)) return `${target.name} knows the image by another id`;
  return {
    name: 'glance-download',
    glance_region: from.region,
    glance_image_id: own,
    glance_service_interface: from.interface,
  };
}
