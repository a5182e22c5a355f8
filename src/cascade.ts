/** Puts the rooms together: one running cascade. */
import type { FastifyInstance } from 'fastify';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { HttpClient } from '@cascade/openstack-protocol/client/http.js';
import { openFrontDoor, type PassedRequest } from '@cascade/openstack-protocol/server/front-door.js';
import { listen } from '@cascade/openstack-protocol/server/listening.js';
import { adminApi } from './admin/api.js';
import { siteQuotas } from './adopt-quotas.js';
import { hostCapacity } from './compute/hosts/host-capacity.js';
import { computeKinds } from './compute/kinds.js';
import { computeRoutes } from './compute/routes.js';
import { registerComputeJobs, registerComputeShadows } from './compute/globals.js';
import { startBackground, type Background } from './background.js';
import { urlOf, type Config } from './config.js';
import { ImageCopies, type Copies } from './copies/copies.js';
import { addPullEndpoint } from './copies/pull-endpoint.js';
import { ConsoleLinks } from './consoles/link-table.js';
import { openConsoles } from './consoles/open-consoles.js';
import { openDatabase, type Database } from './database/database.js';
import { isDatabaseAway } from './database/errors.js';
import { openNotices, tell, type Listener } from './database/notices.js';
import type { Log as DatabaseLog } from './database/log.js';
import { bootstrapIdentity } from './identity/built-in/bootstrap.js';
import { BuiltInIdentity } from './identity/built-in/identity.js';
import { Keystone } from './identity/keystone.js';
import { Tokens } from './identity/tokens.js';
import type { Identity } from './identity/token-validation.js';
import { imageKinds } from './image/kinds.js';
import { imageRoutes } from './image/routes.js';
import { Interconnects } from './interconnect/interconnects.js';
import { Jobs } from './jobs/jobs.js';
import { SitesOfHomed } from './homed/homed-resources.js';
import { homedCopies, homedShadows, namedGroupShadows } from './network/homed-references.js';
import { NeutronDefaultGroups } from './network/default-groups/default-groups.js';
import { networkKinds } from './network/kinds.js';
import { QuotaRoom } from './network/quota-room.js';
import { networkRoutes } from './network/routes.js';
import { AddressGroupKind } from './network/security-groups/address-group-kind.js';
import { SecurityGroupKind } from './network/security-groups/group-kind.js';
import { Opened } from './opened.js';
import { SiteReadings } from './placement/site-readings.js';
import { Placement } from './placement/placement.js';
import { GlobalResources } from './resources/global.js';
import { Inventory } from './resources/inventory.js';
import { placementRoutes } from './resource-providers/routes.js';
import { Shadows } from './routing/shadows.js';
import { admitEverything } from './routing/admission.js';
import { withKeptIds } from './routing/kept-ids.js';
import type { World } from './routing/world.js';
import { offeredMicroversions } from './sites/offered-microversions.js';
import type { Site } from './sites/site.js';
import { SiteRegistry } from './sites/registry.js';
import { loadSecretKey, secretsWith } from './sites/secrets.js';
import { every } from './sync/every.js';
import { FeedReader } from './sync/feed-reader.js';
import { readAhead } from './sync/first-reads.js';
import { Freshness } from './sync/freshness.js';
import { registerVolumeJobs, registerVolumeShadows } from './volume/globals.js';
import { Storages } from './volume/storage.js';
import { volumeKinds } from './volume/kinds.js';
import { volumeRoutes } from './volume/routes.js';

export interface Cascade {
  readonly server: FastifyInstance;
  readonly world: World;
  close(): Promise<void>;
}

const kinds = [...computeKinds, ...volumeKinds, ...networkKinds, ...imageKinds];

/**
 * @param signal ends a start that is under way
 * @throws Error where configuration, data directory, database or port do not allow it to run; nothing that was started stays
 */
export async function startCascade(config: Config, log: Logger, signal?: AbortSignal): Promise<Cascade> {
  const opened = new Opened();
  try {
    const { server, world } = await open(config, log, opened, signal);
    return { server, world, close: () => opened.close() };
  } catch (error) {
    await opened
      .close()
      .catch((failure: unknown) => log.error({ event: 'cascade.stop_failed', err: failure }, 'did not stop cleanly'));
    throw error;
  }
}

async function open(
  config: Config,
  log: Logger,
  opened: Opened,
  signal: AbortSignal | undefined,
): Promise<Pick<Cascade, 'server' | 'world'>> {
  const options = {
    dataDir: config.dataDir,
    url: config.databaseUrl,
    poolSize: config.databaseConnections,
    log: eventLog(log),
    signal,
  };
  const database = opened.add(await openDatabase(options), (it) => it.close());
  const world = await makeWorld(config, database, log, opened);
  signal?.throwIfAborted();
  const challenge = `Keystone uri="${urlOf(config)}/identity"`;
  const identity = opened.add(await openIdentity(config, world, () => tokens), (it) => it.close());
  const tokens: Tokens = new Tokens(identity, {
    cacheSeconds: config.tokenCacheSeconds,
    challenge,
    tellOthers: (digest) => tell(database, 'cascade_revoked_token', digest),
  });
  const frontDoor = openFrontDoor({
    routes: {
      compute: withKeptIds(world, computeRoutes(world)),
      volume: withKeptIds(world, volumeRoutes(world)),
      network: withKeptIds(world, networkRoutes(world)),
      image: withKeptIds(world, imageRoutes(world, new Set(config.importHosts))),
      placement: placementRoutes(world),
    },
    authenticate: (token) => tokens.callerOf(token),
    challenge,
    identity: (asked) => identity.answer(asked),
    log,
    isPassing: isDatabaseAway,
    microversions: offeredMicroversions(() => world.sites.all(), config.maxMicroversions),
    maxBodyBytes: config.maxBodyBytes,
    ...(config.publicUrl ? { publicEndpoint: config.publicUrl } : {}),
  });
  const server = opened.add(frontDoor, (it) => it.close());
  const links = new ConsoleLinks(database);
  openConsoles(server, links, { log, publicEndpoint: config.publicUrl, allowedHosts: config.consoleHosts });
  addPullEndpoint(server, world.copies.pulls);
  const background = opened.add(startBackground(config, world, links), (it) => it.stop());
  const told = listener(tokens, background, world);
  opened.add(await openNotices(database.url, told, eventLog(log)), (it) => it.close());
  await server.register(
    adminApi(world, (token) => tokens.callerOf(token), siteQuotas(world)),
    { prefix: '/cascade/v1' },
  );
  signal?.throwIfAborted();
  await listen(server, config, 'CASCADE_LISTEN');
  return { server, world };
}

/** The Keystone shared with the sites, or the identity that is built in. */
async function openIdentity(
  config: Config,
  world: World,
  tokens: () => Tokens,
): Promise<Identity & { close(): Promise<void> }> {
  if (config.keystone) return sharedKeystone(config.keystone, config.region, world, tokens);
  await bootstrapIdentity(world.database, config);
  const identity = new BuiltInIdentity(world.database, {
    tokenSeconds: config.tokenSeconds,
    passwordHashRounds: config.passwordHashRounds,
    tokensChanged: () => tokens().dropAll(),
  });
  const sweeping = every(
    600,
    () => identity.sweep(),
    (error) => world.log.error({ event: 'task.failed', task: 'tokens', err: error }, 'task failed'),
  );
  return {
    validate: (token) => identity.validate(token),
    answer: (asked) => identity.answer(asked),
    close: async () => sweeping.stop(),
  };
}

function sharedKeystone(
  { verifyTls, ...at }: NonNullable<Config['keystone']>,
  region: string,
  world: World,
  tokens: () => Tokens,
) {
  const http = new HttpClient({ connections: 64, verifyTls });
  const siteRegions = () => world.sites.views().map((view) => view.region);
  const keystone = new Keystone(
    http,
    { ...at, region, deadlineMs: 30_000 },
    () => new Set(siteRegions().filter((name) => name !== region)),
    (token) => tokens().forget(token),
  );
  return {
    validate: (token: string) => keystone.validate(token),
    answer: (asked: PassedRequest) => keystone.answer(asked),
    close: () => http.close(),
  };
}

/** What the processes of one cascade tell each other. */
function listener(tokens: Tokens, background: Background, { log }: World): Listener {
  const sitesChanged = (): void => {
    background
      .sitesChanged()
      .catch((error: unknown) => log.error({ event: 'sites.load_failed', err: error }, 'sites not loaded'));
  };
  return {
    notified: (topic, about) => {
      if (topic === 'cascade_revoked_token') tokens.drop(about);
      else sitesChanged();
    },
    missed: () => {
      tokens.dropAll();
      sitesChanged();
    },
  };
}

async function makeWorld(config: Config, database: Database, log: Logger, opened: Opened): Promise<World> {
  const secrets = secretsWith(await loadSecretKey(config.secretKey, join(config.dataDir, 'secret.key')));
  const siteOptions = { deadlines: config.siteDeadlines, limits: config.siteLimits };
  const sites = opened.add(new SiteRegistry(database, secrets, siteOptions), (it) => it.close());
  await sites.load();
  const inventory = new Inventory(database);
  const reader = new FeedReader(database, inventory, log);
  const hosts = new SiteReadings(database, sites, hostCapacity);
  const capacities = { hosts, storage: new Storages(database, sites) };
  const usual = { free: (site: Site) => hosts.of(site)?.free_ram_mb ?? 0 };
  const jobs = new Jobs(database, log);
  const kindOf = new Map(kinds.map((kind) => [kind.name, kind]));
  const images = { database, sites, inventory, jobs, log, kind: kindOf.get('image')! };
  const placement = new Placement(database, sites, usual, kinds, (counted, projectId) =>
    readAhead(reader, sites, counted, projectId),
  );
  const kind = (name: string) => kindOf.get(name)!;
  const globals = new GlobalResources(database);
  const homed = new SitesOfHomed({ database, sites, inventory, kind, log });
  const room = new QuotaRoom(database);
  const honoursAddressGroups = (site: Site) => config.addressGroupSites.has(site.name);
  const groups = new SecurityGroupKind({ database, sites, inventory, kind, homed, room, honoursAddressGroups, log });
  homed.register(groups);
  homed.register(new AddressGroupKind({ database, sites, room }));
  const defaultGroups = new NeutronDefaultGroups({
    database,
    sites,
    inventory,
    placement,
    reader,
    globals,
    homed,
    groups,
    kind,
    log,
  });
  const copies = new ImageCopies(images, config.imageCopies);
  const copiesOf = new Map<string, Copies>([['image', copies]]);
  const world: World = {
    database,
    sites,
    inventory,
    reader,
    globals,
    shadows: new Shadows(),
    freshness: new Freshness(database, sites, reader),
    placement,
    admission: admitEverything,
    capacities,
    kinds: kindOf,
    jobs,
    secrets,
    copies,
    copiesOf,
    homed,
    interconnects: new Interconnects(database, sites),
    defaultGroups,
    log,
  };
  // Servers and volumes that were made from it name its other id in what is known of them.
  world.copies.onMerged = (site) =>
    reader.states.suspect(
      site,
      ['server', 'volume'].flatMap((name) => kindOf.get(name) ?? []),
    );
  reader.onStored = async (stored, site) => {
    if (stored.name === 'security_group') await defaultGroups.adopt(site);
  };
  for (const name of ['security_group', 'address_group']) {
    world.shadows.add(homedShadows(world, name));
    copiesOf.set(name, homedCopies(world, name));
  }
  world.shadows.add(namedGroupShadows(world));
  registerComputeShadows(world);
  registerComputeJobs(world);
  registerVolumeShadows(world);
  registerVolumeJobs(world);
  return world;
}

/** The database's events in pino's order of arguments. */
export const eventLog = (log: Logger): DatabaseLog => ({
  info: (event, fields) => log.info({ event, ...fields }, event),
  warn: (event, fields) => log.warn({ event, ...fields }, event),
  error: (event, fields) => log.error({ event, ...fields }, event),
});
