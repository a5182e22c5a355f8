/** Linking an answer back: what in it belongs to the site is said in the cascade's words. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { bodyOf, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { SiteUnreachable, type Site } from '../sites/site.js';

type Rewrite = (value: unknown, site: Site) => unknown;

const toZone: Rewrite = (value, site) => (typeof value === 'string' || value === null ? site.name : value);
const toZones: Rewrite = (value, site) => (Array.isArray(value) ? [site.name] : value);
const toHost: Rewrite = (value, site) => (typeof value === 'string' && value !== '' ? site.name : value);
const toPool: Rewrite = (value, site) => (typeof value === 'string' && value !== '' ? `${site.name}:${value}` : value);

/** Fields, wherever they stand, that name a zone or a host. To tenants a site is one zone and, to Nova, one huge host. */
const siteWords: Record<string, Rewrite> = {
  'OS-EXT-AZ:availability_zone': toZone,
  availability_zone: toZone,
  pinned_availability_zone: toZone,
  availability_zones: toZones,
  availability_zone_hints: toZones,
  'OS-EXT-SRV-ATTR:host': toHost,
  'OS-EXT-SRV-ATTR:hypervisor_hostname': toHost,
  'binding:host_id': toHost,
  'os-vol-host-attr:host': toPool,
};

/** What tenants write themselves, under whatever keys. */
const tenantsOwn = new Set(['metadata', 'meta']);

/** A body of a site in the cascade's words. Mutates and returns it. */
export function linkBodyBack<T>(body: T, site: Site): T {
  if (Array.isArray(body)) for (const item of body) linkBodyBack(item, site);
  else if (isObject(body)) {
    for (const [key, value] of Object.entries(body)) {
      const rewrite = Object.hasOwn(siteWords, key) ? siteWords[key] : undefined;
      if (rewrite) (body as Record<string, unknown>)[key] = rewrite(value, site);
      else if (typeof value === 'object' && value !== null && !tenantsOwn.has(key)) linkBodyBack(value, site);
    }
  }
  return body;
}

/**
 * An answer of a site as the tenant may see it: zones, hosts, links, Location, and error messages without its addresses.
 * @throws SiteUnreachable for JSON that breaks off: whatever it wanted to say was lost
 */
export function linkBack(response: OpenStackResponse, site: Site, publicUrl: string): OpenStackResponse {
  const { 'content-length': length, 'transfer-encoding': _encoding, ...headers } = response.headers;
  for (const name of ['location', 'content-location', 'link']) {
    if (headers[name]) headers[name] = hideUrls(headers[name], site, publicUrl);
  }
  if (!Buffer.isBuffer(response.body)) {
    return { ...response, headers: length ? { ...headers, 'content-length': length } : headers };
  }
  const body = bodyOf(response);
  if (body === undefined) {
    const isJson = (headers['content-type'] ?? '').includes('json') && response.body.length > 0;
    if (isJson && response.status < 300) throw new SiteUnreachable(site.name, false, 'its answer is no JSON');
    const isText = /text|json/.test(headers['content-type'] ?? '') && response.status >= 300;
    return {
      ...response,
      headers,
      body: isText ? Buffer.from(hideHosts(response.body.toString(), site, publicUrl)) : response.body,
    };
  }
  const text = JSON.stringify(linkBodyBack(body, site));
  const hide = response.status >= 400 ? hideHosts : hideUrls;
  return { status: response.status, headers, body: Buffer.from(hide(text, site, publicUrl)) };
}

/** Error messages quote URLs of other services too (Keystone's, a Neutron's seen from Nova): whatever is on the site's hosts. */
function hideHosts(text: string, site: Site, publicUrl: string): string {
  const roots = Object.values(site.capabilities.endpoints).flat();
  const hosts = new Set(roots.map((root) => new URL(root).hostname));
  return hideUrls(text, site, publicUrl).replace(/https?:\/\/(\[[^\]]+\]|[\w.-]+)(:\d+)?/g, (url, host: string) =>
    hosts.has(host) && !publicUrl.startsWith(url) ? publicUrl : url,
  );
}

/** Every URL root of the site becomes the cascade's. `http://site` is not the beginning of `http://site:6080`. */
function hideUrls(text: string, site: Site, publicUrl: string): string {
  for (const [service, roots] of Object.entries(site.capabilities.endpoints) as [ServiceName, readonly string[]][]) {
    for (const root of roots) {
      if (text.includes(root)) text = text.replaceAll(wholeRoot(root), `${publicUrl}/${service}`);
    }
  }
  return text;
}

const wholeRoot = (root: string): RegExp =>
  new RegExp(`${root.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w:.-])`, 'g');
