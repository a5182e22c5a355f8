/** Tokens of application credentials with access rules: what they reach, in the cascade and in the sites behind it. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { pino } from 'pino';
import { openSimulatedClouds, type OpenedClouds } from '@cascade/simulated-openstack/open-clouds.js';
import { adminCredential } from '../src/identity/first-logins.js';
import { startBuiltInCascade, type BuiltInCascade } from './built-in/cascade.js';
import { send } from './cascade.js';

let cloud: BuiltInCascade;
let sites: OpenedClouds;
let server: string;

const rule = (service: string, methodAndPath: string) => {
  const [method = '', path = ''] = methodAndPath.split(' ');
  return { service, method, path };
};

/** A token of an application credential of `demo` with these rules. */
async function tokenWith(...access_rules: object[]): Promise<string> {
  const body = { application_credential: { name: `robot ${Math.random()}`, access_rules } };
  const made = await cloud.ask('POST', `/users/${cloud.demoUser.id}/application_credentials`, cloud.demo, body);
  const { id, secret } = made.body.application_credential;
  const login = await cloud.login({ methods: ['application_credential'], application_credential: { id, secret } });
  return login.headers['x-subject-token']!;
}

/** Sends the path as it stands, which clients would tidy up. */
const status = (token: string, methodAndPath: string, headers: Record<string, string> = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const [method, path] = methodAndPath.split(' ');
    const { hostname, port } = new URL(cloud.url);
    const asked = httpRequest(
      { hostname, port, method, path, headers: { 'x-auth-token': token, ...headers } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode!);
      },
    );
    asked.on('error', reject).end();
  });

beforeAll(async () => {
  cloud = await startBuiltInCascade();
  const log = pino({ level: 'silent' });
  sites = await openSimulatedClouds({ names: ['east'], keystone: { shared: `${cloud.url}/identity` }, log });
  const { username, password } = (await adminCredential(cloud.dataDir))!;
  const body = {
    name: 'east',
    auth_url: `${sites.clouds[0]!.url}/identity`,
    region: 'east',
    auth: { username, password },
  };
  const added = await send('POST', `${cloud.url}/cascade/v1/sites`, { token: cloud.admin, body });
  if (added.status !== 201) throw new Error(added.text);
  const ask = (method: string, path: string, json?: unknown) =>
    send(method, cloud.url + path, { token: cloud.demo, body: json });
  const first = (path: string, key: string) =>
    vi.waitFor(
      async () => {
        const [one] = (await ask('GET', path)).body[key];
        if (!one) throw new Error(`no ${key} yet`);
        return one as { id: string };
      },
      { timeout: 20_000, interval: 100 },
    );
  const flavor = await first('/compute/v2.1/flavors', 'flavors');
  const image = await first('/image/v2/images', 'images');
  const { network } = (await ask('POST', '/network/v2.0/networks', { network: { name: 'n' } })).body;
  const wanted = { name: 's', flavorRef: flavor.id, imageRef: image.id, networks: [{ uuid: network.id }] };
  const made = await ask('POST', '/compute/v2.1/servers', { server: wanted });
  if (made.status !== 202) throw new Error(made.text);
  server = made.body.server.id;
});
afterAll(async () => {
  await sites.close();
  await cloud.close();
});

describe('a token with access rules', () => {
  test('reaches by id what they name, at the site that has it', async () => {
    const token = await tokenWith(
      rule('compute', 'GET /v2.1/servers/*'),
      rule('compute', 'POST /v2.1/servers/*/action'),
    );
    expect(await status(token, `GET /compute/v2.1/servers/${server}`)).toBe(200);
    const body = { lock: null };
    const locked = await send('POST', `${cloud.url}/compute/v2.1/servers/${server}/action`, { token, body });
    expect(locked.status).toBe(202);
    expect(await status(token, `DELETE /compute/v2.1/servers/${server}`)).toBe(401);
    expect(await status(token, `GET /compute/v2.1/servers/${server}/ips`)).toBe(401);
  });

  test('creates where creating is all it may: what that needs to read is not its own request', async () => {
    const token = await tokenWith(rule('block-store', 'POST /v3/*/volumes'), rule('network', 'POST /v2.0/ports'));
    const body = { volume: { size: 1, name: 'v' } };
    const made = await send('POST', `${cloud.url}/volume/v3/${cloud.demoProject}/volumes`, { token, body });
    expect([made.status, made.text]).toEqual([202, expect.any(String)]);
    expect(await status(token, `GET /volume/v3/${cloud.demoProject}/volumes/${made.body.volume.id}`)).toBe(401);
  });

  // The real services' answers where the comment does not say otherwise.
  test.each([
    ['/compute/v2.1/servers/{id}', 200],
    ['/compute/v2.1/%73ervers/{id}', 200],
    ['/compute/v2.1/{project}/servers/{id}', 401],
    ['/compute/v2/servers/{id}', 401],
    ['/compute/v2.1/servers', 401],
    ['/compute/v2.1/servers/', 401],
    ['/compute/v2.1/servers/{id}/', 401],
    ['/compute/v2.1/servers/{id}%2Fips', 401],
    ['/compute/v2.1/Servers/{id}', 401],
    ['/compute/v2.1//servers/{id}', 401], // 200 in Nova, to which it is the same path
    ['/compute/v2.1/servers/../flavors', 404], // 401 there; no path of ours leads elsewhere on the way to a site
    ['/compute/v2.1/servers/%2e%2e', 404],
    ['/compute/v2.1/servers/%2E./os-security-groups', 404],
    ['/compute//v2.1/servers/{id}', 401],
    ['/compute/v2.1/servers/..%2fflavors', 401],
  ])('for /v2.1/servers/* alone: %s is %i', async (path, expected) => {
    const token = await tokenWith(rule('compute', 'GET /v2.1/servers/*'));
    const asked = path.replace('{id}', server).replace('{project}', cloud.demoProject);
    expect(await status(token, `GET ${asked}`)).toBe(expected);
    if (expected === 200) expect(await status(token, `HEAD ${asked}`)).toBe(401);
  });

  test('is asked about with the path as it was written, which is what a site reads the rules against', async () => {
    const token = await tokenWith(
      rule('compute', 'GET /v2.1/{project_id}/servers/*'),
      rule('network', 'GET /v2.0/networks/*.json'),
    );
    expect(await status(token, `GET /compute/v2.1/${cloud.demoProject}/servers/${server}`)).toBe(200);
    expect(await status(token, `GET /compute/v2.1/servers/${server}`)).toBe(401);
    const { networks } = (await send('GET', `${cloud.url}/network/v2.0/networks`, { token: cloud.demo })).body;
    expect(await status(token, `GET /network/v2.0/networks/${networks[0].id}.json`)).toBe(200);
    expect(await status(token, `GET /network/v2.0/networks/${networks[0].id}`)).toBe(401);
  });

  test("goes further for a service that asks in its user's name, and for nobody who only says so", async () => {
    const token = await tokenWith(rule('compute', 'GET /v2.1/flavors'));
    const heat = await cloud.newUser('heat', cloud.adminProject, 'service');
    const path = `GET /compute/v2.1/servers/${server}`;
    const by = (service: string) => status(token, path, { 'x-service-token': service });
    expect(await by(await cloud.loginAs(heat, cloud.adminProject))).toBe(200);
    for (const other of [token, cloud.demo, cloud.admin, 'made up']) expect(await by(other)).toBe(401);
    expect(await status(token, 'GET /compute/v2.1/flavors', { 'x-service-token': 'made up' })).toBe(401);
  });

  test('opens nothing of the identity and of the operator but what is named', async () => {
    const token = await tokenWith(rule('identity', 'GET /v3/auth/projects'));
    expect(await status(token, 'GET /identity/v3/auth/projects')).toBe(200);
    expect(await status(token, 'GET /identity/v3/auth/catalog')).toBe(401);
    expect(await status(token, 'GET /identity/v3/auth/projects/../catalog')).toBe(404);
    expect(await status(token, 'GET /cascade/v1/sites')).toBe(403);
  });
});
