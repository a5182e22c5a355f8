/** For tests: one whole simulated cloud, asked over HTTP. */
import { pino } from 'pino';
import { request } from 'undici';
import { vi } from 'vitest';
import type { SimulatedCloud } from './cloud.js';
import { openSimulatedClouds, type OpenedCloud, type OpenOptions } from './open-clouds.js';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // Bodies of tests are read as what they are expected to be.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  readonly text: string;
}

export interface Call {
  readonly body?: unknown;
  /** Of Nova, `2.60`. */
  readonly version?: string;
  /** @default the administrator's */
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

export interface TestCloud extends OpenedCloud {
  readonly token: string;
  /** `ask('GET /compute/v2.1/servers')` */
  ask(call: string, options?: Call): Promise<Answered>;
  /** A login; the token in `headers`. */
  logIn(auth: { name: string; password: string; project?: string }): Promise<Answered>;
  /** Has everything done that was begun. */
  settle(): Promise<void>;
}

export async function openTestCloud(options: Partial<OpenOptions> = {}): Promise<TestCloud> {
  const opened = await openSimulatedClouds({ names: ['z1'], projects: 10, log: pino({ level: 'silent' }), ...options });
  const [cloud] = opened.clouds as [OpenedCloud];
  const send = (call: string, { token, ...more }: Call = {}): Promise<Answered> =>
    ask(cloud.url, call, { ...more, token });
  const logIn: TestCloud['logIn'] = ({ name, password, project }) => {
    const user = { name, password, domain: { id: 'default' } };
    const scope = project ? { scope: { project: { name: project, domain: { id: 'default' } } } } : {};
    const auth = { identity: { methods: ['password'], password: { user } }, ...scope };
    return send('POST /identity/v3/auth/tokens', { body: { auth } });
  };
  const {
    username: name,
    password,
    projectName: project,
  } = cloud.admin ?? { username: '', password: '', projectName: '' };
  const token = String((await logIn({ name, password, project })).headers['x-subject-token']);
  return {
    ...cloud,
    token,
    ask: (call, more) => send(call, { token, ...more }),
    logIn,
    settle: () => vi.waitFor(() => requireIdle(cloud.cloud), { timeout: 20_000, interval: 1 }),
    close: () => opened.close(),
  };
}

/** @throws Error where something is still to be done that takes no time */
function requireIdle({ clock }: SimulatedCloud): void {
  const pending = clock.parts()['task']!.all();
  if (pending.length > 0) throw new Error(`still to be done: ${JSON.stringify(pending)}`);
}

async function ask(url: string, call: string, { body, version, token, headers = {} }: Call): Promise<Answered> {
  const [method = 'GET', path = ''] = call.split(' ');
  const response = await request(url + path, {
    method: method as 'GET',
    headers: {
      ...(token ? { 'x-auth-token': token } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(version ? { 'openstack-api-version': `compute ${version}` } : {}),
      ...headers,
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.body.text();
  return { status: response.statusCode, headers: response.headers, body: parsed(text), text };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
