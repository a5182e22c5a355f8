/** One simulated cloud over HTTP. */
import { setTimeout as delay } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { listen } from '@cascade/openstack-protocol/server/listening.js';
import { splitServicePath } from '@cascade/openstack-protocol/services.js';
import type { Keystone } from '@cascade/openstack-adapter/keystone/keystone.js';
import { openCloud } from '@cascade/openstack-adapter/open-cloud.js';
import { computeRoutes } from './compute/routes.js';
import type { SimulatedCloud } from './cloud.js';
import { addAdminRoutes } from './faults/admin-routes.js';
import { Faults } from './faults/faults.js';
import { addFaultHooks, adminPrefix } from './faults/hooks.js';
import { imageRoutes } from './image/routes.js';
import { networkRoutes } from './network/routes.js';
import { numberOf, sequence } from './noise.js';
import { placementRoutes } from './placement/routes.js';
import { keepAnswers } from './state/keep-answers.js';
import type { KeptCloud } from './state/keep-cloud.js';
import { volumeRoutes } from './volume/routes.js';

export interface ServeOptions {
  readonly keystone: Keystone;
  /** @default 0, which takes any free one */
  readonly port?: number;
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** Milliseconds that an answer of a service to a method takes. */
  readonly latency?: (service: string, method: string) => number;
  /** Guards `/simulation`; without one there is no such path. */
  readonly key?: string;
  /** Of a cloud that remembers. */
  readonly kept?: KeptCloud | undefined;
  readonly log: Logger;
}

export interface ServedCloud {
  readonly cloud: SimulatedCloud;
  readonly keystone: Keystone;
  readonly faults: Faults;
  /** `http://127.0.0.1:9001` */
  readonly url: string;
  close(): Promise<void>;
}

export async function serveCloud(cloud: SimulatedCloud, options: ServeOptions): Promise<ServedCloud> {
  const { keystone, host = '127.0.0.1', key, latency } = options;
  const faults = new Faults(cloud.clock, sequence(cloud.seed ^ numberOf(`faults ${cloud.name}`)));
  const server = openCloud(
    {
      routes: {
        compute: computeRoutes(cloud),
        network: networkRoutes(cloud),
        image: imageRoutes(cloud),
        volume: volumeRoutes(cloud),
        ...(cloud.release.microversions.placement ? { placement: placementRoutes(cloud) } : {}),
      },
      keystone,
      microversions: cloud.release.microversions,
      minorVersions: { image: cloud.release.imageVersions },
      log: options.log,
    },
    (opened) => options.kept && keepAnswers(opened, options.kept.keeper),
  );
  addFaultHooks(server, faults, cloud.clock);
  if (latency) addLatency(server, latency);
  if (key) addAdminRoutes(server, { faults, describe: () => describe(cloud) }, key);
  await listen(server, { host, port: options.port ?? 0 }, '--base-port');
  const { port } = server.server.address() as AddressInfo;
  faults.watch(() => refuseOrListen(server, { host, port }, faults.find('refused') !== undefined));
  return {
    cloud,
    keystone,
    faults,
    url: `http://${host}:${port}`,
    close: async () => {
      cloud.close();
      await cloud.images.close();
      server.server.closeAllConnections();
      await server.close();
      await options.kept?.close();
    },
  };
}

function addLatency(server: FastifyInstance, latency: (service: string, method: string) => number): void {
  server.addHook('onRequest', async ({ raw, method }) => {
    const url = raw.url ?? '/';
    const service = url.startsWith(adminPrefix) ? undefined : splitServicePath(url.split('?')[0]!)?.service;
    const ms = service ? latency(service.name, method) : 0;
    if (ms > 0) await delay(ms);
  });
}

/** A port that nobody listens on refuses connections; those that were open break. */
function refuseOrListen({ server }: FastifyInstance, at: { host: string; port: number }, isRefusing: boolean): void {
  if (isRefusing && server.listening) {
    server.close();
    server.closeAllConnections();
  } else if (!isRefusing && !server.listening) server.listen(at);
}

const describe = (cloud: SimulatedCloud): Record<string, unknown> => ({
  name: cloud.name,
  region: cloud.region,
  release: cloud.releaseName,
  servers: cloud.servers.count,
  servers_in_memory: cloud.servers.kept,
  clock_skew_seconds: cloud.clock.skewMs / 1000,
});
