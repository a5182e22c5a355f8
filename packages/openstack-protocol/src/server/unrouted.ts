/** What a service answers where it has no route for a method and a path. Seen in real ones. */
import { Fault } from '../faults.js';

export interface Unrouted {
  /** True where `/networks/` is `/networks`. */
  readonly ignoresTrailingSlash?: boolean;
  /** True where HEAD is answered wherever GET is; a route may say so for itself. */
  readonly headIsGet?: boolean;
  noPath(): Fault;
  /**
   * @param has methods of the path
   * @param path below the version; '' for the document that lists the versions
   */
  noMethod(method: string, has: readonly string[], path: string): Fault;
  /** True where a version that the service does not have is 404 before any token is looked at. */
  readonly refusesVersions?: boolean;
}

// webob's words for 404.
export const nothing = 'The resource could not be found.';

const order = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** webob's words for 405. */
export const notAllowed = (method: string): string => `The method ${method} is not allowed for this resource.`;

/** A 405 that names what is allowed. */
export const methodNotAllowed = (method: string, has: readonly string[], more = ''): Fault =>
  new Fault('method-not-allowed', `${notAllowed(method)}${more}`, {
    headers: { allow: order.filter((one) => has.includes(one)).join(', ') },
  });
