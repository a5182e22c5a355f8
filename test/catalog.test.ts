/** The catalog through a cascade over simulated clouds that share a Keystone: with a token, and only where it is wanted. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { send } from './cascade.js';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
let ann: Awaited<ReturnType<SimulatedCascade['tenant']>>;
beforeAll(async () => {
  cloud = await startSimulatedCascade();
  ann = await cloud.tenant('ann');
}, 120_000);
afterAll(() => cloud.close());

const shown = (query: string) =>
  send('GET', `${cloud.url}/identity/v3/auth/tokens${query}`, {
    token: ann.token,
    headers: { 'x-subject-token': ann.token },
  });

test('a token has the catalog of the cascade, the same as is asked for alone', async () => {
  const { body, text } = await shown('');
  const types = body.token.catalog.map(({ type }: { type: string }) => type);
  expect(types).toEqual(expect.arrayContaining(['identity', 'compute', 'network', 'image', 'volumev3', 'placement']));
  for (const site of [cloud.east, cloud.west]) expect(text).not.toContain(site.url);
  const alone = await send('GET', `${cloud.url}/identity/v3/auth/catalog`, { token: ann.token });
  expect(alone.body.catalog).toEqual(body.token.catalog);
});

test.each(['?nocatalog', '?nocatalog=1'])('%s leaves it out, and nothing is put in its place', async (query) => {
  const { status, body } = await shown(query);
  expect([status, body.token.project.id, 'catalog' in body.token]).toEqual([200, ann.projectId, false]);
});
