/** Version documents. Clients discover everything from them; each service has its own form. */
import type { OpenStackResponse } from '../message.js';

/** A version document, and what has to be true before it is shown. */
export interface VersionDocument {
  readonly response: OpenStackResponse;
  /** False where the document is not under the microversions it tells of. */
  readonly microversioned: boolean;
  /** Documents below a service's token check are 401 without one, like everything there. */
  readonly needsToken: boolean;
  /** Nova, Cinder and Glance do not look at the method. */
  readonly getOnly: boolean;
}

export const document = (response: OpenStackResponse, more: Partial<VersionDocument> = {}): VersionDocument => ({
  response,
  microversioned: false,
  needsToken: false,
  getOnly: false,
  ...more,
});

export const self = (href: string) => [{ rel: 'self', href }];

export const redirect = (location: string): OpenStackResponse => ({
  status: 302,
  headers: { location, 'content-type': 'text/plain; charset=utf8' },
  body: Buffer.alloc(0),
});
