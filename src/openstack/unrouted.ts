/** What each service answers where it has no route for a method and a path. Seen in real ones. */
import { Fault } from './faults.js';
import type { ServiceName } from './service.js';

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

const nothing = 'The resource could not be found.';

/** Method and path are one to the router of Nova and Cinder, in front of everything else they have. */
const oneWithPath: Unrouted = {
  noPath: () => new Fault('not-found', nothing, { page: true }),
  noMethod: () => new Fault('not-found', nothing, { page: true }),
};

const order = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const allow = (has: readonly string[]) => ({ allow: order.filter((method) => has.includes(method)).join(', ') });
const notAllowed = (method: string): string => `The method ${method} is not allowed for this resource.`;

export const unrouted: Readonly<Record<ServiceName, Unrouted>> = {
  identity: {
    ignoresTrailingSlash: true,
    headIsGet: true,
    noPath: () => new Fault('not-found', nothing),
    noMethod: (method, has) => new Fault('method-not-allowed', notAllowed(method), { headers: allow(has) }),
  },
  compute: oneWithPath,
  volume: { ...oneWithPath, refusesVersions: true },
  network: {
    ignoresTrailingSlash: true,
    refusesVersions: true,
    noPath: () => new Fault('not-found', nothing),
    // The version document is not Neutron's own; for extensions it has a router that knows GET alone.
    noMethod: (method, _has, path) => {
      if (path === '') return new Fault('method-not-allowed', notAllowed(method), { page: true });
      if (/^\/(extensions\b|quotas\/[^/]+\/details$)/.test(path)) return new Fault('not-found', nothing);
      const words = 'The server could not comply with the request since it is either malformed or otherwise incorrect.';
      return new Fault('method-not-allowed', words);
    },
  },
  image: {
    noPath: () => new Fault('not-found', nothing),
    noMethod: (method, has) => new Fault('method-not-allowed', notAllowed(method), { headers: allow(has) }),
  },
  placement: {
    noPath: () => new Fault('not-found', `${nothing}\n\n   `),
    noMethod: (method, has) =>
      new Fault(
        'method-not-allowed',
        `${notAllowed(method)} \n\n The method specified is not allowed for this resource.`,
        { headers: allow(has) },
      ),
  },
};
