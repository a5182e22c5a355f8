/** A site of Mitaka beside one of Zed: what its older schemas do not have is left out, or refused by name. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flavors } from '../src/compute/flavors/flavor-kind.js';
import { reconcileKinds } from '../src/globals/reconcile.js';
import { send } from './cascade.js';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';

const nova = '/compute/v2.1';
const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ann';
let cloud: SimulatedCascade;
let ann: Awaited<ReturnType<SimulatedCascade['tenant']>>;
beforeAll(async () => {
  cloud = await startSimulatedCascade({}, {}, { west: 'mitaka' });
  ann = await cloud.tenant('ann');
}, 120_000);
afterAll(() => cloud.close());

const reconcile = async (): Promise<void> => {
  for (const site of cloud.cascade.world.sites.all()) await reconcileKinds(cloud.cascade.world, site, [flavors]);
};
const bootInWest = (more: object, beside: object = {}) => {
  const image = cloud.west.cloud.images.initialIds[0];
  const server = { name: 's', flavorRef: '1', imageRef: image, availability_zone: 'west', ...more };
  // Of a Mitaka, since which a server must say what networks it wants.
  return ann(`POST ${nova}/servers`, { server, ...beside }, 'compute 2.25');
};

test('a flavor keeps its description and extra specs, which an older site does not show', async () => {
  const flavor = { id: 'own', name: 'own', ram: 64, vcpus: 1, disk: 1, description: 'words' };
  expect((await cloud.admin(`POST ${nova}/flavors`, { flavor })).status).toBe(200);
  await cloud.admin(`POST ${nova}/flavors/own/os-extra_specs`, { extra_specs: { a: 'b' } });
  for (let round = 0; round < 3; round += 1) await reconcile();
  expect((await ann(`GET ${nova}/flavors/own`)).body.flavor).toMatchObject({
    description: 'words',
    extra_specs: { a: 'b' },
  });
  const { body } = await ann.at.west(`GET ${nova}/flavors/own/os-extra_specs`, undefined, 'compute 2.1');
  expect(body).toEqual({ extra_specs: { a: 'b' } });
  await cloud.admin(`PUT ${nova}/flavors/own`, { flavor: { description: 'others' } });
  await cloud.admin(`POST ${nova}/flavors/own/os-extra_specs`, { extra_specs: { a: 'c' } });
  for (let round = 0; round < 3; round += 1) await reconcile();
  expect((await ann(`GET ${nova}/flavors/own`)).body.flavor).toMatchObject({
    description: 'others',
    extra_specs: { a: 'c' },
  });
  const { body: now } = await ann.at.west(`GET ${nova}/flavors/own/os-extra_specs`, undefined, 'compute 2.1');
  expect(now).toEqual({ extra_specs: { a: 'c' } });
  expect((await cloud.admin(`GET /cascade/v1/sites/west`)).text).not.toContain('refused');
});

test('a flavor that only the older site has comes with its extra specs', async () => {
  const atWest = (method: string, below: string, body: object) =>
    send(method, `${cloud.west.url}${nova}/flavors${below}`, { token: cloud.token, body });
  const flavor = { id: 'theirs', name: 'theirs', ram: 64, vcpus: 1, disk: 1 };
  expect((await atWest('POST', '', { flavor })).status).toBe(200);
  await atWest('POST', '/theirs/os-extra_specs', { extra_specs: { a: 'b' } });
  for (let round = 0; round < 3; round += 1) await reconcile();
  for (const ask of [ann, ann.at.east])
    expect((await ask(`GET ${nova}/flavors/theirs`)).body.flavor).toMatchObject({ extra_specs: { a: 'b' } });
});

test('a server group has one policy in a list there, and no rules', async () => {
  const group = async (server_group: object): Promise<string> =>
    (await ann(`POST ${nova}/os-server-groups`, { server_group })).body.server_group.id;
  const plain = await group({ name: 'plain', policy: 'anti-affinity' });
  const booted = await bootInWest({}, { 'os:scheduler_hints': { group: plain } });
  expect(booted.status, booted.text).toBe(202);
  const { body } = await ann.at.west(`GET ${nova}/os-server-groups`, undefined, 'compute 2.1');
  expect(body.server_groups).toMatchObject([{ name: 'plain', policies: ['anti-affinity'] }]);

  const ruled = await group({ name: 'ruled', policy: 'anti-affinity', rules: { max_server_per_host: 2 } });
  const refused = await bootInWest({}, { 'os:scheduler_hints': { group: ruled } });
  expect(refused.status).toBe(409);
  expect(refused.text).toContain('Availability zone west has no rules of server groups');
});

test('a key pair has a name that the site takes, or is refused by name', async () => {
  for (const name of ['plain', 'ann@example.org']) {
    const keypair = { name, type: 'ssh', public_key: publicKey };
    expect((await ann(`POST ${nova}/os-keypairs`, { keypair })).status).toBe(201);
  }
  expect((await bootInWest({ key_name: 'plain' })).status).toBe(202);
  const refused = await bootInWest({ key_name: 'ann@example.org' });
  expect(refused.status).toBe(409);
  expect(refused.text).toContain('Availability zone west refused:');
});

test('a list leaves out a zone that is too old to have such things; one thing there is refused with its name', async () => {
  for (const list of ['attachments', 'groups', 'group_snapshots', 'messages', 'volume-transfers']) {
    const { status, text } = await ann(`GET /volume/v3/${list}`);
    expect(status, `${list}: ${text}`).toBe(200);
  }
  const volume = { size: 1, availability_zone: 'west' };
  const { body } = await ann('POST /volume/v3/volumes', { volume });
  expect(body.volume).toMatchObject({ group_id: null, consumes_quota: true, volume_type_id: null });
  const listed = (await ann('GET /volume/v3/volumes/detail')).body.volumes;
  expect(listed).toContainEqual(expect.objectContaining({ id: body.volume.id, group_id: null, consumes_quota: true }));
  const reverted = await ann(`POST /volume/v3/volumes/${body.volume.id}/action`, { revert: { snapshot_id: 's' } });
  expect(reverted.status).toBe(400);
  expect(reverted.text).toContain('Availability zone west does not support the action revert');
});
