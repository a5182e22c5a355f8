/** Puts the rooms together: one running cascade. */
import type { FastifyInstance } from 'fastify';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { adminApi } from './admin/api.js';
import { adoptQuotas } from './adopt-quotas.js';
import { computeKinds } from './compute/kinds.js';
import { computeRoutes } from './compute/routes.js';
import { registerComputeShadows } from './compute/globals.js';
import { startBackground, type Background } from './background.js';
import type { Config } from './config.js';
import { ConsoleLinks } from './consoles/link-table.js';
import { openConsoles } from './consoles/open-consoles.js';
import { openDatabase, type Database } from './database/database.js';
import { isDatabaseAway } from './database/errors.js';
import { openNotices, tell, type Listener } from './database/notices.js';
import type { Log as DatabaseLog } from './database/log.js';
import { Keystone } from './identity/keystone.js';
import { requirePersona } from './identity/policy.js';
import { Tokens } from './identity/tokens.js';
import { imageKinds } from './image/kinds.js';
import { imageRoutes } from './image/routes.js';
import { networkKinds } from './network/kinds.js';
import { networkRoutes } from './network/routes.js';
import { HttpClient } from './openstack/client/http.js';
import { openFrontDoor } from './openstack/front-door.js';
import { Capacities } from './placement/capacity.js';
import { Placement } from './placement/placement.js';
import { GlobalResources } from './resources/global.js';
import { Inventory } from './resources/inventory.js';
import { placementRoutes } from './resource-providers/routes.js';
import { Shadows } from './routing/shadows.js';
import type { World } from './routing/world.js';
import { SiteRegistry } from './sites/registry.js';
import { loadSecretKey, secretsWith } from './sites/secrets.js';
import { FeedReader } from './sync/feed-reader.js';
import { Freshness } from './sync/freshness.js';
import { registerVolumeShadows } from './volume/globals.js';
import { volumeKinds } from './volume/kinds.js';
import { volumeRoutes } from './volume/routes.js';

const noKeystone =
  'CASCADE_KEYSTONE_URL is not set: which Keystone do the clouds share? Try ' +
  'CASCADE_KEYSTONE_URL=https://keystone.example:5000 npm start. No clouds at hand? README.md, "No clouds at hand?".';

export interface Cascade {
  readonly server: FastifyInstance;
  readonly world: World;
  close(): Promise<void>;
}

const kinds = [...computeKinds, ...volumeKinds, ...networkKinds, ...imageKinds];

/** @throws Error where configuration or data directory do not allow it to run */
export async function startCascade(config: Config, log: Logger): Promise<Cascade> {
  if (!config.keystone) throw new Error(noKeystone);
  const database = await openDatabase({
    dataDir: config.dataDir,
    url: config.databaseUrl,
    poolSize: config.databaseConnections,
    log: eventLog(log),
  });
  const world = await makeWorld(config, database, log);
  const http = new HttpClient({ connections: 64, verifyTls: config.keystone.verifyTls });
  const identityUrl = `${config.publicUrl ?? `http://${config.host}:${config.port}`}/identity`;
  const tokens: Tokens = new Tokens(() => keystone, {
    cacheSeconds: config.tokenCacheSeconds,
    identityUrl,
    tellOthers: (digest) => tell(database, 'cascade_revoked_token', digest),
  });
  const keystone = new Keystone(
    http,
    { ...config.keystone, region: config.region, deadlineMs: 30_000 },
    () =>
      new Set(
        world.sites
          .views()
          .map((view) => view.region)
          .filter((region) => region !== config.region),
      ),
    (token) => tokens.forget(token),
  );
  const server = openFrontDoor({
    routes: {
      compute: computeRoutes(world),
      volume: volumeRoutes(world),
      network: networkRoutes(world),
      image: imageRoutes(world),
      placement: placementRoutes(world),
    },
    authenticate: (token) => tokens.callerOf(token),
    authorize: (caller, needs, route) => requirePersona(caller, needs, `${route.method.toLowerCase()}:${route.path}`),
    identity: (asked) => keystone.pass(asked),
    log,
    isPassing: isDatabaseAway,
    maxBodyBytes: config.maxBodyBytes,
    ...(config.publicUrl ? { publicEndpoint: config.publicUrl } : {}),
  });
  const links = new ConsoleLinks(database);
  openConsoles(server, links, { log, publicEndpoint: config.publicUrl, allowedHosts: config.consoleHosts });
  const background = startBackground(config, world, links);
  const notices = await openNotices(database.url, listener(tokens, background, log), eventLog(log));
  await server.register(
    adminApi(
      world,
      (token) => tokens.callerOf(token),
      (after) => adoptQuotas(world, after),
    ),
    { prefix: '/cascade/v1' },
  );
  await server.listen({ host: config.host, port: config.port });
  return {
    server,
    world,
    close: async () => {
      await notices.close();
      await background.stop();
      await server.close();
      await world.sites.close();
      await http.close();
      await database.close();
    },
  };
}

/** What the processes of one cascade tell each other. */
function listener(tokens: Tokens, background: Background, log: Logger): Listener {
  const sitesChanged = (): void => {
    background
      .sitesChanged()
      .catch((error: unknown) => log.error({ event: 'sites.load_failed', err: error }, 'sites not loaded'));
  };
  return {
    heard: (topic, about) => {
      if (topic === 'cascade_revoked_token') tokens.drop(about);
      else sitesChanged();
    },
    missed: () => {
      tokens.dropAll();
      sitesChanged();
    },
  };
}

async function makeWorld(config: Config, database: Database, log: Logger): Promise<World> {
  const secrets = secretsWith(await loadSecretKey(config.secretKey, join(config.dataDir, 'secret.key')));
  const sites = new SiteRegistry(database, secrets, { deadlines: config.siteDeadlines, limits: config.siteLimits });
  await sites.load();
  const inventory = new Inventory(database);
  const reader = new FeedReader(database, inventory, log);
  const capacities = new Capacities(database, sites);
  const world: World = {
    database,
    sites,
    inventory,
    reader,
    globals: new GlobalResources(database),
    shadows: new Shadows(),
    freshness: new Freshness(database, sites, reader),
    placement: new Placement(database, sites, capacities),
    capacities,
    kinds: new Map(kinds.map((kind) => [kind.name, kind])),
    log,
  };
  registerComputeShadows(world);
  registerVolumeShadows(world);
  return world;
}

/** The database's events in pino's order of arguments. */
export const eventLog = (log: Logger): DatabaseLog => ({
  info: (event, fields) => log.info({ event, ...fields }, event),
  warn: (event, fields) => log.warn({ event, ...fields }, event),
  error: (event, fields) => log.error({ event, ...fields }, event),
});
