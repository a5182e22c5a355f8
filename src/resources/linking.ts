/** Linking an answer back: what in it belongs to the site is said in the cascade's words. */
import { isObject } from '../openstack/body.js';
import { bodyOf, type OpenStackResponse } from '../openstack/message.js';
import type { ServiceName } from '../openstack/service.js';
import type { Site } from '../sites/site.js';

type Rewrite = (value: unknown, site: Site) => unknown;

const toZone: Rewrite = (value, site) => (typeof value === 'string' || value === null ? site.name : value);
const toZones: Rewrite = (value, site) => (Array.isArray(value) ? [site.name] : value);
const toHost: Rewrite = (value, site) => (typeof value === 'string' && value !== '' ? site.name : value);
const toPool: Rewrite = (value, site) => (typeof value === 'string' && value !== '' ? `${site.name}#${value}` : value);

/** Fields, wherever they stand, that name a zone or a host. To tenants a site is one zone and, to Nova, one huge host. */
const siteWords: Record<string, Rewrite> = {
  'OS-EXT-AZ:availability_zone': toZone,
  availability_zone: toZone,
  availability_zones: toZones,
  availability_zone_hints: toZones,
  'OS-EXT-SRV-ATTR:host': toHost,
  'OS-EXT-SRV-ATTR:hypervisor_hostname': toHost,
  'binding:host_id': toHost,
  'os-vol-host-attr:host': toPool,
};

/** A body of a site in the cascade's words. Mutates and returns it. */
export function linkBodyBack<T>(body: T, site: Site): T {
  if (Array.isArray(body)) for (const item of body) linkBodyBack(item, site);
  else if (isObject(body)) {
    for (const [key, value] of Object.entries(body)) {
      const rewrite = Object.hasOwn(siteWords, key) ? siteWords[key] : undefined;
      if (rewrite) (body as Record<string, unknown>)[key] = rewrite(value, site);
      else if (typeof value === 'object' && value !== null) linkBodyBack(value, site);
    }
  }
  return body;
}

/** An answer of a site as the tenant may see it: zones, hosts, links, Location, and error messages without its addresses. */
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
    const isText = /text|json/.test(headers['content-type'] ?? '') && response.status >= 300;
    return {
      ...response,
      headers,
      body: isText ? Buffer.from(hideUrls(response.body.toString(), site, publicUrl)) : response.body,
    };
  }
  const text = JSON.stringify(linkBodyBack(body, site));
  return { status: response.status, headers, body: Buffer.from(hideUrls(text, site, publicUrl)) };
}

/** Every URL root of the site becomes the cascade's. */
function hideUrls(text: string, site: Site, publicUrl: string): string {
  for (const [service, roots] of Object.entries(site.capabilities.endpoints) as [ServiceName, readonly string[]][]) {
    for (const root of roots) text = text.replaceAll(root, `${publicUrl}/${service}`);
  }
  return text;
}
