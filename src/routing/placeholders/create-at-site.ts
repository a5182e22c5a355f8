/** Creates at the site what a placeholder stands for, in the name of the tenant who requested it. */
import type { Principal } from '@cascade/openstack-protocol/caller.js';
import { bodyOf, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { NonRetryable } from '../../jobs/job.js';
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
 * @throws NonRetryable where the site refuses, Error where it may have been created all the same, SiteUnreachable
 */
export async function createAtSite(site: Site, kind: Kind, request: SealedRequest): Promise<string> {
  const { microversion } = request;
  const asked = { service: kind.service, method: 'POST', path: kind.collection, microversion } as const;
  const body = Buffer.from(JSON.stringify(request.body));
  const headers = { 'content-type': 'application/json' };
  const ask = (principal: Principal) => site.request({ ...asked, headers, body }, principal);
  let response = await ask(request);
  // The token has expired meanwhile. Keystone accepts expired tokens for work that began earlier if a service token comes along.
  if (response.status === 401) response = await ask({ ...request, allowExpired: true });
  const id = response.status < 300 ? unwrap(kind, bodyOf(response))?.['id'] : undefined;
  if (typeof id === 'string') return id;
  throw refused(site, kind, response);
}

function refused(site: Site, kind: Kind, response: OpenStackResponse): Error {
  const { status } = response;
  if (status === 401) {
    return new NonRetryable(
      `The token of the request for this ${kind.name} expired before what it is made from was available in the zone. It is now available; retry the request.`,
    );
  }
  const words = faultWords((bodyOf(response) ?? {}) as Body);
  if (status >= 400 && status < 500) return new NonRetryable(words);
  // It may have been created all the same: the next attempt looks for it first.
  return new Error(`${site.name} answered ${status}: ${words}`);
}

/** Stores what the site shows of it once it is created. @throws SiteUnreachable */
export async function readBack(world: World, kind: Kind, site: Site, id: string): Promise<void> {
  const askedAt = new Date();
  const microversion = kind.feed?.microversion;
  const options = microversion === undefined ? {} : { microversion };
  const { status, body } = await askAsAdmin(site, kind.service, 'GET', `${kind.collection}/${id}`, options);
  const made = status === 200 ? unwrap(kind, body) : undefined;
  if (made) await world.inventory.store(kind, site, [linkBodyBack(made, site)], askedAt);
}
