/** Making at last what was promised, in the name of the tenant who asked for it. */
import { NonRetryable } from '../../jobs/job.js';
import type { Principal } from '../../openstack/caller.js';
import { bodyOf, type OpenStackResponse } from '../../openstack/message.js';
import { linkBodyBack } from '../../resources/linking.js';
import type { Body, Kind } from '../../resources/kind.js';
import type { Site } from '../../sites/site.js';
import { unwrap } from '../owner.js';
import { askAsAdmin, faultWords } from '../ask-as-admin.js';
import type { World } from '../world.js';

/** What is needed to ask in the tenant's name; sealed at rest. */
export interface SealedRequest extends Principal {
  readonly body: Body;
  readonly microversion: string | undefined;
}

/**
 * @returns the site's id of it
 * @throws Hopeless where the site refuses, Error where it may have been made all the same, SiteUnreachable
 */
export async function createAtSite(site: Site, kind: Kind, request: SealedRequest): Promise<string> {
  const { microversion } = request;
  const asked = { service: kind.service, method: 'POST', path: kind.collection, microversion } as const;
  const body = Buffer.from(JSON.stringify(request.body));
  const headers = { 'content-type': 'application/json' };
  const ask = (principal: Principal) => site.request({ ...asked, headers, body }, principal);
  let response = await ask(request);
  // Its token has ended meanwhile. Sites believe one that has, for work that began before, where a service vouches for it.
  if (response.status === 401) response = await ask({ ...request, allowExpired: true });
  const id = response.status < 300 ? unwrap(kind, bodyOf(response))?.['id'] : undefined;
  if (typeof id === 'string') return id;
  throw refused(site, kind, response);
}

function refused(site: Site, kind: Kind, response: OpenStackResponse): Error {
  const { status } = response;
  if (status === 401) {
    return new NonRetryable(
      `The token with which the ${kind.name} was asked for ended before its image was here. Ask for it again: now it is.`,
    );
  }
  const words = faultWords((bodyOf(response) ?? {}) as Body);
  if (status >= 400 && status < 500) return new NonRetryable(words);
  // It may have been made all the same: the next attempt looks for it first.
  return new Error(`${site.name} answered ${status}: ${words}`);
}

/** What the site says of it, once the promise is kept. @throws SiteUnreachable */
export async function readBack(world: World, kind: Kind, site: Site, id: string): Promise<void> {
  const askedAt = new Date();
  const microversion = kind.feed?.microversion;
  const options = microversion === undefined ? {} : { microversion };
  const { status, body } = await askAsAdmin(site, kind.service, 'GET', `${kind.collection}/${id}`, options);
  const made = status === 200 ? unwrap(kind, body) : undefined;
  if (made) await world.inventory.store(kind, site, [linkBodyBack(made, site)], askedAt);
}
