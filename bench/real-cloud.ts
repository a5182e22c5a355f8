/**
 * GET one server and list 1,000 servers: straight to a real site's Nova, and through the cascade, interleaved in one run.
 *
 *   OS_* of the cascade's administrator, then
 *   npx tsx bench/real-cloud.ts --nova http://127.0.0.1:11774/v2.1 --servers 1000 [--rounds 100]
 *
 * Makes what is missing of the servers in the site itself (no network, so that Nova alone is measured) and leaves them.
 * Prints a table for bench/RESULTS.md: p50, p95 in milliseconds, and the ratio of the medians.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { HttpClient } from '../src/openstack/client/http.js';
import { KeystoneSession } from '../src/openstack/client/keystone-session.js';

const { values } = parseArgs({
  options: {
    nova: { type: 'string' },
    servers: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '100' },
  },
});
const need = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};
if (!values.nova) throw new Error('--nova URL of the site is missing');
const direct = values.nova;
const wanted = Number(values.servers);
const rounds = Number(values.rounds);
const authUrl = need('OS_AUTH_URL');
const cascade = `${authUrl.replace(/\/identity(\/v3)?$/, '')}/compute/v2.1`;

const http = new HttpClient({ connections: 4, verifyTls: true });
const session = new KeystoneSession(
  http,
  authUrl,
  {
    kind: 'password',
    username: need('OS_USERNAME'),
    password: need('OS_PASSWORD'),
    projectName: need('OS_PROJECT_NAME'),
    userDomain: 'default',
    projectDomain: 'default',
  },
  30_000,
);

interface Listed {
  servers: { id: string; name: string; status?: string }[];
}

async function call<T>(method: string, url: string, body?: unknown, microversion = '2.46'): Promise<T> {
  const { token } = await session.get();
  const response = await http.send({
    method,
    url,
    headers: {
      'x-auth-token': token,
      accept: 'application/json',
      'content-type': 'application/json',
      'openstack-api-version': `compute ${microversion}`,
    },
    ...(body ? { body: Buffer.from(JSON.stringify(body)) } : {}),
    deadlineMs: 300_000,
  });
  if (response.status >= 400) throw new Error(`${method} ${url}: ${response.status} ${String(response.body)}`);
  return JSON.parse((response.body as Buffer).toString() || 'null') as T;
}

const mine = 'name=%5Ebench-';
const count = async (base: string): Promise<number> =>
  (await call<Listed>('GET', `${base}/servers?${mine}&limit=1000`)).servers.length;

async function fill(): Promise<void> {
  const have = await count(direct);
  if (have < wanted) await build(have);
  while ((await count(cascade)) < wanted) await delay(1_000);
}

async function build(already: number): Promise<void> {
  const { images } = await call<{ images: { id: string }[] }>('GET', `${direct}/images`, undefined, '2.35');
  const { flavors } = await call<{ flavors: { id: string }[] }>('GET', `${direct}/flavors`);
  const [image] = images;
  const [flavor] = flavors;
  if (!image || !flavor) throw new Error('the site needs an image and a flavor');
  const { projectId } = await session.get();
  await call('PUT', `${direct}/os-quota-sets/${projectId}`, { quota_set: { instances: -1, cores: -1, ram: -1 } });
  for (let have = already; have < wanted;) {
    const step = Math.min(50, wanted - have);
    const server = {
      name: 'bench-',
      imageRef: image.id,
      flavorRef: flavor.id,
      networks: 'none',
      min_count: step,
      max_count: step,
    };
    await call('POST', `${direct}/servers`, { server });
    for (;;) {
      const { servers } = await call<Listed>('GET', `${direct}/servers?${mine}&limit=1000&status=BUILD`);
      if (servers.length === 0) break;
      await delay(2_000);
    }
    have = await count(direct);
    process.stderr.write(`${have} servers\n`);
  }
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

async function measure(name: string, path: string, times: number): Promise<void> {
  const taken: Record<string, number[]> = { [direct]: [], [cascade]: [] };
  for (let round = 0; round < times + 2; round += 1) {
    for (const base of round % 2 ? [direct, cascade] : [cascade, direct]) {
      const start = performance.now();
      await call('GET', base + path);
      if (round >= 2) taken[base]?.push(performance.now() - start); // the first two rounds warm up
    }
  }
  const [there = [], here = []] = [taken[direct], taken[cascade]].map((list) => list?.sort((a, b) => a - b));
  const cells = [there, here].flatMap((list) => [at(list, 0.5), at(list, 0.95)]).map((ms) => ms.toFixed(1));
  process.stdout.write(`| ${name} | ${cells.join(' | ')} | ${(at(here, 0.5) / at(there, 0.5)).toFixed(3)} |\n`);
}

await fill();
const first = (await call<Listed>('GET', `${direct}/servers?${mine}&limit=1`)).servers[0]?.id ?? '';
await delay(65_000); // until the cascade counts the project as settled
process.stdout.write(
  '| request | Nova p50 | Nova p95 | cascade p50 | cascade p95 | ratio of p50 |\n|---|---|---|---|---|---|\n',
);
await measure('GET one server', `/servers/${first}`, rounds);
await measure(`list ${wanted}, brief`, `/servers?${mine}&limit=1000`, Math.ceil(rounds / 10));
await measure(`list ${wanted}, detailed`, `/servers/detail?${mine}&limit=1000`, Math.ceil(rounds / 10));
await http.close();
