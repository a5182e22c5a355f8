/** For tests: a cascade with real rooms, over sites that are HTTP servers of the test. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { openFrontDoor, type FrontDoor } from '@cascade/openstack-protocol/server/front-door.js';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { ImageCopies } from '../copies/copies.js';
import { testDatabase } from '../database/testing.js';
import { Jobs } from '../jobs/jobs.js';
import { Placement } from '../placement/placement.js';
import { GlobalResources } from '../resources/global.js';
import { Inventory } from '../resources/inventory.js';
import { admitEverything } from '../routing/admission.js';
import { Shadows } from '../routing/shadows.js';
import type { World } from '../routing/world.js';
import { SiteRegistry } from '../sites/registry.js';
import { secretsWith } from '../sites/secrets.js';
import { FeedReader } from '../sync/feed-reader.js';
import { Freshness } from '../sync/freshness.js';
import { imageKinds } from './kinds.js';
import { imageRoutes } from './routes.js';

export type FakeService = (request: IncomingMessage, response: ServerResponse) => void;

export const callers: Record<string, Caller> = {
  admin: { token: 'admin', userId: 'a', projectId: 'admin-project', roles: ['admin'], isAdmin: true },
  ann: { token: 'ann', userId: 'ann', projectId: 'ann-project', roles: ['member', 'reader'], isAdmin: false },
  bob: { token: 'bob', userId: 'bob', projectId: 'bob-project', roles: ['member', 'reader'], isAdmin: false },
};

export interface TestCascade {
  readonly world: World;
  /** Root of the cascade; tokens are the names of `callers`. */
  readonly url: string;
  get(path: string, token?: string): Promise<{ status: number; body: Record<string, never> }>;
  close(): Promise<void>;
}

const imagesOnly = (world: World): FrontDoor['routes'] => ({ image: imageRoutes(world) });

/** A cascade over one site for each service given, named `site1`, `site2` … */
export async function cascadeOver(services: readonly FakeService[], routesOf = imagesOnly): Promise<TestCascade> {
  const { database, close } = await testDatabase();
  const secrets = secretsWith(Buffer.alloc(32));
  const servers = await Promise.all(services.map(listen));
  const limits = { concurrency: 4, perSecond: 0 };
  const sites = new SiteRegistry(database, secrets, { deadlines: { readMs: 30_000, writeMs: 30_000 }, limits });
  for (const [at, { url }] of servers.entries()) {
    const name = `site${at + 1}`;
    const credential = {
      kind: 'password',
      username: 'u',
      password: 'p',
      projectName: 'p',
      userDomain: 'd',
      projectDomain: 'd',
    };
    await database.run(
      `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
       values ($1, 'enabled', $2, 'r', 'internal', true, $3, $4)`,
      [name, url, secrets.seal(JSON.stringify(credential), name), capabilities(url)],
    );
  }
  await sites.load();
  const log = pino({ level: 'silent' });
  const inventory = new Inventory(database);
  const reader = new FeedReader(database, inventory, log);
  const jobs = new Jobs(database, log);
  const copies = new ImageCopies(
    { database, sites, inventory, jobs, log, kind: imageKinds[0]! },
    { mode: 'lazy', method: 'upload', perSite: 2, bytesPerSecond: 0 },
  );
  const world: World = {
    database,
    sites,
    inventory,
    reader,
    capacities: {} as World['capacities'], // no image asks for room
    log,
    globals: new GlobalResources(database),
    shadows: new Shadows(),
    freshness: new Freshness(database, sites, reader),
    admission: admitEverything,
    placement: new Placement(database, sites, { free: () => 0 }, imageKinds),
    // Glance knows of none.
    homed: {} as World['homed'],
    interconnects: {} as World['interconnects'],
    defaultGroups: {} as World['defaultGroups'],
    jobs,
    secrets,
    copies,
    copiesOf: new Map([['image', copies]]),
    kinds: new Map(imageKinds.map((kind) => [kind.name, kind])),
  };
  const door = openFrontDoor({
    routes: routesOf(world),
    authenticate: (token) => {
      const caller = callers[token ?? ''];
      return caller ? Promise.resolve(caller) : Promise.reject(new Fault('unauthorized', 'no such caller'));
    },
    allows: () => true,
    identity: () => Promise.reject(new Error('no identity here')),
    log,
    maxBodyBytes: 100_000,
  });
  const url = await door.listen({ host: '127.0.0.1', port: 0 });
  return {
    world,
    url,
    get: async (path, token = 'admin') => {
      const answer = await fetch(`${url}${path}`, { headers: { 'x-auth-token': token, accept: 'application/json' } });
      const text = await answer.text();
      return { status: answer.status, body: (text ? JSON.parse(text) : {}) as Record<string, never> };
    },
    close: async () => {
      door.server.closeAllConnections();
      await door.close();
      await sites.close();
      for (const { stop } of servers) await stop();
      await close();
    },
  };
}

const capabilities = (url: string) => ({
  endpoints: { image: [url], compute: [url] },
  microversions: {},
  networkExtensions: [],
});

async function listen(service: FakeService): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    if (request.url !== '/v3/auth/tokens') return service(request, response);
    request.resume();
    const body = { token: { expires_at: '2999-01-01T00:00:00Z', user: { id: 'u' }, project: { id: 'p' }, roles: [] } };
    response
      .writeHead(201, { 'content-type': 'application/json', 'x-subject-token': 'self' })
      .end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const stop = () => {
    server.closeAllConnections();
    return new Promise<void>((done) => server.close(() => done()));
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

/** Answers with JSON. */
export function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
