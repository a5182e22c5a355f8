/** For tests: routes of a simulated service behind a front door, asked without a network. */
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { vi } from 'vitest';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { openFrontDoor } from '@cascade/openstack-protocol/server/front-door.js';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Route } from '@cascade/openstack-protocol/server/route.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { Clock } from './clock.js';
import type { CloudFacts } from './service-interfaces.js';
import { noDurations } from './durations.js';
import { releases, type ReleaseName } from './releases.js';

const callers: Readonly<Record<string, Caller>> = {
  admin: { token: 'admin', userId: 'u-admin', projectId: 'p-admin', roles: ['admin'], isAdmin: true },
  demo: { token: 'demo', userId: 'u-demo', projectId: 'p-demo', roles: ['member'], isAdmin: false },
  manager: { token: 'manager', userId: 'u-manager', projectId: 'p-demo', roles: ['manager', 'member'], isAdmin: false },
  other: { token: 'other', userId: 'u-other', projectId: 'p-other', roles: ['member'], isAdmin: false },
};

export const factsOf = (releaseName: ReleaseName = 'zed', name = 'az1'): CloudFacts => ({
  clock: new Clock(noDurations),
  seed: 7,
  name,
  releaseName,
});

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // Bodies of tests are read as what they are expected to be.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

interface Options {
  readonly body?: unknown;
  /** Sent as they are, instead of `body`. */
  readonly raw?: Buffer;
  readonly headers?: Record<string, string>;
  readonly version?: string;
}

/** Asks as one of `admin`, `demo`, `manager` of the same project, and `other`: `ask('demo', 'GET /networks')`. */
export type Ask = (who: string, call: string, options?: Options) => Promise<Answered>;

export function behindDoor(service: ServiceName, routes: readonly Route[], releaseName: ReleaseName = 'zed'): Ask {
  const door = openFrontDoor({
    routes: { [service]: routes },
    authenticate: async (token) => {
      const caller = callers[token ?? ''];
      if (!caller) throw new Fault('unauthorized', 'The request you have made requires authentication.');
      return caller;
    },
    identity: () => Promise.reject(new Error('no identity here')),
    log: pino({ level: 'silent' }),
    microversions: releases[releaseName].microversions,
    minorVersions: { image: releases[releaseName].imageVersions },
    maxBodyBytes: 1_000_000,
  });
  return (who, call, options = {}) => inject(door, service, who, call, options);
}

async function inject(door: FastifyInstance, service: ServiceName, who: string, call: string, options: Options) {
  const [method = 'GET', path = ''] = call.split(' ');
  const { body, raw, headers = {}, version } = options;
  const payload = raw ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
  const answer = await door.inject({
    method: method as 'GET',
    url: `/${service}${path}`,
    headers: {
      'x-auth-token': who,
      ...(payload ? { 'content-type': raw ? 'application/octet-stream' : 'application/json' } : {}),
      ...(version ? { 'openstack-api-version': `${service} ${version}` } : {}),
      ...headers,
    },
    ...(payload ? { payload } : {}),
  });
  const isJson = String(answer.headers['content-type'] ?? '').includes('json');
  return { status: answer.statusCode, headers: answer.headers, body: isJson ? answer.json() : answer.rawPayload };
}

/** Waits until something holds that the cloud does behind its answers. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitFor(
    async () => {
      if (!(await holds())) throw new Error('it does not come to hold');
    },
    { timeout: 20_000, interval: 5 },
  );
}
