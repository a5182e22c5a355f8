/**
 * Writes to global resources: one site speaks for all. The tenant's request goes to it, so that its validation and its
 * words are the tenant's answer; what it then holds is read back and is the cascade's truth, to which the others converge.
 */
import { bodyOf, type OpenStackResponse } from '../openstack/message.js';
import type { ServiceName } from '../openstack/service.js';
import { noZoneAnswers, type Site, type SiteRequest } from '../sites/site.js';
import type { World } from './world.js';

/** The site that speaks now: the first enabled one that answers. @throws Fault 503 */
export function speaker(world: World, service: ServiceName): Site {
  const sites = world.sites.answering(service);
  const site = sites.find((one) => one.state === 'enabled') ?? sites[0];
  if (!site) throw noZoneAnswers();
  return site;
}

/** Asks a site in its own administrator's name. @throws SiteUnreachable */
export async function askAsAdmin(
  site: Site,
  service: ServiceName,
  method: string,
  path: string,
  options: { body?: unknown; microversion?: string; query?: string } = {},
): Promise<{ status: number; body: Record<string, unknown>; response: OpenStackResponse }> {
  const request: SiteRequest = {
    service,
    method,
    path,
    query: options.query ?? '',
    microversion: options.microversion,
    ...(options.body === undefined
      ? {}
      : { body: Buffer.from(JSON.stringify(options.body)), headers: { 'content-type': 'application/json' } }),
  };
  const response = await site.request(request);
  return { status: response.status, body: (bodyOf(response) ?? {}) as Record<string, unknown>, response };
}

/** The words of a fault body, whatever its form. */
export function faultWords(body: Record<string, unknown>): string {
  const inner = Object.values(body)[0] as { message?: string } | string | undefined;
  return (typeof inner === 'object' ? inner?.message : inner) ?? 'no reason given';
}
