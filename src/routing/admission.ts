/**
 * Admission: between the choice of a site and the request to it, what a request takes is reserved; the site's answer settles
 * the reservation. No quota is kept over sites yet, so everything is admitted.
 */
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { SiteUnreachable, type Site } from '../sites/site.js';

/** A request that may take something: a create, a resize, an extend. */
export interface Taking {
  readonly asked: Asked;
  readonly site: Site;
  readonly kind: string;
  /** The resource that it is about; undefined for a create. */
  readonly id?: string;
  /** Whose quota it is. */
  readonly projectId: string | null | undefined;
  /** As the tenant wrote it; undefined where it is no JSON object. */
  readonly body: unknown;
}

export interface Admission {
  /** @throws Fault for what is beyond the quota */
  admit(taking: Taking): Promise<Reservation>;
}

export interface Reservation {
  /** The site has answered: what was reserved is taken, or is not. */
  settle(response: OpenStackResponse): Promise<void>;
  /** The site certainly did not take the request. After a lost answer a reservation stays until the site tells. */
  release(): Promise<void>;
}

const nothing: Reservation = { settle: async () => undefined, release: async () => undefined };

export const admitEverything: Admission = { admit: async () => nothing };

/** Sends a request once it is admitted. @throws Fault where it is not; what `send` throws */
export async function sendAdmitted(
  { admission }: { readonly admission: Admission },
  taking: Taking,
  send: () => Promise<OpenStackResponse>,
): Promise<OpenStackResponse> {
  const reservation = await admission.admit(taking);
  let response: OpenStackResponse;
  try {
    response = await send();
  } catch (error) {
    const mayBeTaken = error instanceof SiteUnreachable && !error.notTaken;
    if (!mayBeTaken) await reservation.release();
    throw error;
  }
  await reservation.settle(response);
  return response;
}
