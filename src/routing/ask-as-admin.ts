/** Requests of the cascade's own to a site. */
import { bodyOf, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { Site, SiteRequest } from '../sites/site.js';

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

/** The message of a fault body, whatever its form. */
export function faultWords(body: Record<string, unknown>): string {
  const inner = Object.values(body)[0] as { message?: string } | string | undefined;
  return (typeof inner === 'object' ? inner?.message : inner) ?? 'no reason given';
}
