/** A whole cloud in front of an array: what an adapter writes, and what it gets. */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { json } from '@cascade/openstack-protocol/message.js';
import { route } from '@cascade/openstack-protocol/server/route.js';
import { OwnKeystone } from './keystone/own-keystone.js';
import { openCloud } from './open-cloud.js';
import { pageOf } from './paging.js';
import { checkedBy, novaSchemas } from './schemas/request-schemas.js';

const microversions = { compute: { min: '2.1', max: '2.93' } };
const keystone = new OwnKeystone(
  { region: 'one', release: { microversions } },
  { username: 'admin', password: 'secret', projectName: 'admin' },
);
const { accounts } = keystone;
const shop = accounts.addProject({ name: 'shop' });
const user = accounts.addUser({ name: 'user' }, 'secret');
accounts.assign(user.id, shop.id, accounts.roleNamed('member').id);

const flavors = ['a', 'b', 'c'].map((id) => ({ id, name: `m1.${id}` }));
const server = openCloud({
  routes: {
    compute: checkedBy(novaSchemas, [
      route('GET /flavors', 'reader', async (asked) => {
        const { page, next } = pageOf(asked, flavors, 1000);
        return json(200, { flavors: page, ...(next ? { flavors_links: [{ rel: 'next', href: next }] } : {}) });
      }),
      route('POST /flavors', 'admin', async (asked) => json(200, await asked.readJson())),
    ]),
  },
  keystone,
  microversions,
  log: pino({ level: 'silent' }),
});

async function ask(call: string, headers: Record<string, string> = {}, body?: unknown) {
  const [method = 'GET', url = ''] = call.split(' ');
  const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  return server.inject({ method: method as 'GET', url, headers: { ...type, ...headers }, ...payload });
}

async function tokenOf(name: string, project: string): Promise<Record<string, string>> {
  const domain = { id: 'default' };
  const password = { user: { name, password: 'secret', domain } };
  const auth = { identity: { methods: ['password'], password }, scope: { project: { name: project, domain } } };
  const { headers, statusCode } = await ask('POST /identity/v3/auth/tokens', {}, { auth });
  expect(statusCode).toBe(201);
  return { 'x-auth-token': String(headers['x-subject-token']) };
}

test('its users log in, and find it in the catalog', async () => {
  const token = await tokenOf('user', 'shop');
  const { catalog } = (await ask('GET /identity/v3/auth/catalog', token)).json();
  expect(catalog.map(({ type }: { type: string }) => type)).toEqual(expect.arrayContaining(['identity', 'compute']));
  expect(catalog.map(({ type }: { type: string }) => type)).not.toContain('placement');
});

test('it says which versions it speaks', async () => {
  const { versions } = (await ask('GET /compute/')).json();
  expect(versions.at(-1)).toMatchObject({ id: 'v2.1', version: '2.93', min_version: '2.1' });
});

test('lists are cut into pages', async () => {
  const token = await tokenOf('user', 'shop');
  const first = (await ask('GET /compute/v2.1/flavors?limit=2', token)).json();
  expect(first.flavors).toEqual(flavors.slice(0, 2));
  const next = new URL(first.flavors_links[0].href);
  expect((await ask(`GET ${next.pathname}${next.search}`, token)).json()).toEqual({ flavors: flavors.slice(2) });
});

test('what Nova refuses is refused in its words before a handler sees it', async () => {
  const token = await tokenOf('user', 'shop');
  const admin = await tokenOf('admin', 'admin');
  const at = (version: string) => ({ 'openstack-api-version': `compute ${version}` });
  expect((await ask('GET /compute/v2.1/flavors')).statusCode).toBe(401);
  expect((await ask('POST /compute/v2.1/flavors', token, { flavor: {} })).json()).toHaveProperty('forbidden');
  const incomplete = await ask('POST /compute/v2.1/flavors', admin, { flavor: { name: 'x', ram: 1, disk: 1 } });
  expect(incomplete.json().badRequest.message).toContain("'vcpus' is a required property");
  const unknown = await ask('GET /compute/v2.1/flavors?colour=red', { ...token, ...at('2.75') });
  expect(unknown.json().badRequest.message).toContain("'colour' was unexpected");
  expect((await ask('GET /compute/v2.1/flavors', { ...token, ...at('2.94') })).statusCode).toBe(406);
  expect((await ask('GET /compute/v2.1/nothing', token)).statusCode).toBe(404);
});
