/** What network tests share: an inventory with rows in it, and requests that came through the front door. */
import { Readable } from 'node:stream';
import { pino } from 'pino';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import { bodyOf, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Database } from '../database/database.js';
import { Inventory } from '../resources/inventory.js';
import type { Body } from '../resources/kind.js';
import { admitEverything } from '../routing/admission.js';
import { Shadows } from '../routing/shadows.js';
import type { World } from '../routing/world.js';
import type { Site, SiteRequest } from '../sites/site.js';
import { networkKinds } from './kinds.js';

const kinds = new Map(networkKinds.map((kind) => [kind.name, kind]));

export const tenant = (projectId: string): Caller => ({
  token: `token-of-${projectId}`,
  userId: 'user',
  projectId,
  roles: ['member', 'reader'],
  isAdmin: false,
});

export const admin: Caller = {
  token: 'token-of-admin',
  userId: 'admin',
  projectId: 'admins',
  roles: ['admin'],
  isAdmin: true,
};

export function askedFor(path: string, caller: Caller, changes: Partial<Asked> & { body?: unknown } = {}): Asked {
  const [below = '', rawQuery = ''] = path.split('?');
  const { body, ...rest } = changes;
  const raw = Buffer.from(body === undefined ? '' : JSON.stringify(body));
  return {
    service: serviceOf('network'),
    method: 'GET',
    path: below,
    params: {},
    query: new URLSearchParams(rawQuery),
    rawQuery,
    headers: {},
    microversion: undefined,
    requestId: 'req-1',
    serviceUrl: 'https://cloud.example/network',
    publicUrl: 'https://cloud.example',
    caller,
    stream: Readable.from([]),
    readBody: async () => raw,
    readJson: async () => body as Record<string, unknown>,
    ...rest,
  };
}

/** A site that answers what it is told to, and remembers what it was asked. */
export function siteNamed(id: number, name: string, extensions: readonly string[] = []) {
  const requests: SiteRequest[] = [];
  let answer: (asked: SiteRequest) => OpenStackResponse = () => ({ status: 404, headers: {}, body: Buffer.alloc(0) });
  const site: Site = {
    id,
    name,
    state: 'enabled',
    capabilities: { endpoints: { network: [`http://${name}`] }, microversions: {}, networkExtensions: extensions },
    health: () => ({ reachable: true, since: new Date(0) }),
    request: async (asked) => {
      requests.push(asked);
      return answer(asked);
    },
  };
  return { site, requests, answers: (next: typeof answer) => (answer = next) };
}

const nothing = async (): Promise<void> => undefined;

/** As much of a world as routes of networks touch. Rows are put in with `has`. */
export function worldOf(database: Database, sites: readonly Site[], changes: Partial<World> = {}) {
  const inventory = new Inventory(database);
  const registry = {
    all: () => sites,
    answering: () => sites,
    byId: (id: number) => sites.find((site) => site.id === id),
    byName: (name: string) => sites.find((site) => site.name === name),
    require: (id: number) => sites.find((site) => site.id === id),
  };
  const world = {
    database,
    inventory,
    kinds,
    sites: registry,
    freshness: { catchUp: async () => undefined, readSoon: async () => undefined, touch: () => undefined },
    placement: { homeSite: async () => sites[0], record: async () => undefined },
    shadows: new Shadows(),
    copiesOf: new Map(),
    admission: admitEverything,
    defaultGroups: { shown: nothing, ready: nothing },
    homed: { among: async () => [], homeOf: async () => undefined, changed: nothing },
    log: pino({ level: 'silent' }),
    ...changes,
  } as unknown as World;
  const has = async (kind: string, site: Site, ...bodies: Body[]) => {
    await inventory.store(kinds.get(kind)!, site, bodies, new Date());
  };
  return { world, has };
}

/** Sites as rows, which the inventory's rows point to. */
export async function makeSites(database: Database, ...names: string[]): Promise<void> {
  for (const name of names) {
    await database.run(
      `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
       values ($1, 'enabled', '', '', 'public', true, '', '{}')`,
      [name],
    );
  }
}

export const shownIn = (response: OpenStackResponse, key: string): Body[] =>
  (bodyOf(response) as Record<string, Body[]>)[key] ?? [];
