/** A cloud over HTTP, with the paths DevStack has: `/identity`, `/compute`, `/volume`, `/network`, `/image`, `/placement`. */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { openFrontDoor } from '@cascade/openstack-protocol/server/front-door.js';
import type { Route } from '@cascade/openstack-protocol/server/route.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { addAnswerHeaders } from './answer-headers.js';
import type { Microversions } from './keystone/catalog.js';
import type { Keystone } from './keystone/keystone.js';

export interface CloudToOpen {
  /** What each service can do; a service without routes is not there. */
  readonly routes: Partial<Record<ServiceName, readonly Route[]>>;
  readonly keystone: Keystone;
  readonly microversions: Microversions;
  /** Minor versions that services list, where they are no microversions. @default what the services of Zed list */
  readonly minorVersions?: Partial<Record<ServiceName, readonly string[]>>;
  readonly log: Logger;
}

/** Nova's own default. */
const maxBodyBytes = 114_688;

/**
 * The server, which does not listen yet.
 * @param prepare adds what is to see an answer before the services' habits are added to it
 */
export function openCloud(
  { routes, keystone, microversions, minorVersions = {}, log }: CloudToOpen,
  prepare: (server: FastifyInstance) => void = () => undefined,
): FastifyInstance {
  const server = openFrontDoor({
    routes: Object.fromEntries(Object.entries(routes).map(([service, rows]) => [service, withPlainNames(rows)])),
    authenticate: (token) => keystone.callerOf(token),
    // As with `service_token_roles_required = False`, which services come with.
    isService: () => true,
    identity: (asked) => keystone.answer(asked),
    microversions,
    minorVersions,
    log,
    maxBodyBytes,
  });
  prepare(server);
  addAnswerHeaders(server);
  return server;
}

/** WSGI decodes a path before it is routed: what has `%2F` in a name is another path, which is not there. */
const withPlainNames = (routes: readonly Route[]): Route[] =>
  routes.map((row) => ({
    ...row,
    run: async (asked) => {
      if (Object.values(asked.params).some((name) => name.includes('/'))) {
        throw asked.service.unrouted.noPath();
      }
      return row.run(asked);
    },
  }));
