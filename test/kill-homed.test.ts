/** kill -9 while a site makes a copy: it is found by its mark, shown to nobody, and not made twice. */
import { spawn, type ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort, send } from './cascade.js';
import { program } from './program.js';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';
import { newProject, readAll } from './two-zones.js';

let cloud: SimulatedCascade;
let child: ChildProcess | undefined;
beforeAll(async () => {
  cloud = await startSimulatedCascade();
  await readAll(cloud, 'security_group', 'security_group_rule', 'network', 'router', 'port');
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await cloud.close();
});

test('between what a site has made and the note of it', async () => {
  const soon = { timeout: 60_000, interval: 50 };
  const ann = await newProject(cloud);
  const { body: made } = await ann('POST /network/v2.0/security-groups', { security_group: { name: 'web' } });
  const web = made.security_group.id as string;
  const hints = { availability_zone_hints: ['west'] };
  const { body: net } = await ann('POST /network/v2.0/networks', { network: { name: 'n', ...hints } });
  const listen = `127.0.0.1:${await freePort()}`;
  const env = { ...process.env, ...cloud.environment, CASCADE_LISTEN: listen };
  child = spawn(process.execPath, [...program(), 'serve'], { env, stdio: 'ignore' });
  const url = `http://${listen}/network/v2.0/ports`;
  const isUp = () => send('GET', url, { token: ann.token }).then(({ status }) => status);
  await vi.waitFor(async () => expect(await isUp()).toBe(200), soon);
  cloud.west.faults.set({ kind: 'answer-lost', services: ['network'], methods: ['POST'] });
  const body = { port: { network_id: net.network.id, security_groups: [web] } };
  const atWest = async () => {
    const { body: all } = await ann.at.west('GET /network/v2.0/security-groups');
    return (all.security_groups as { name: string }[]).filter(({ name }) => name === 'web');
  };
  const asked = send('POST', url, { token: ann.token, body }).catch(() => undefined);
  await vi.waitFor(async () => expect(await atWest()).toHaveLength(1), soon);
  child.kill('SIGKILL');
  await asked;
  cloud.west.faults.clear();

  await readAll(cloud, 'security_group_rule', 'security_group');
  const { body: listed } = await ann('GET /network/v2.0/security-groups');
  expect((listed.security_groups as { name: string }[]).map(({ name }) => name).sort()).toEqual(['default', 'web']);
  const port = await ann('POST /network/v2.0/ports', body);
  expect([port.status, port.body.port.security_groups]).toEqual([201, [web]]);
  expect(await atWest()).toHaveLength(1);
}, 150_000);
