/**
 * Bytes a second from the Glance of one site to that of another: by the cascade's copier, and by hand, `curl` GET piped into
 * `curl` PUT, in turns.
 *
 *   OS_* of the cascade's administrator, then
 *   npx tsx bench/image-copy.ts --from http://127.0.0.1:11292 --to http://127.0.0.1:12292 --from-site site1 --to-site site2 \
 *     [--megabytes 2048] [--rounds 3]
 *
 * `--from` and `--to` are the roots of the two Glances. Each round uploads new random bytes straight to the first. Counted is
 * the transfer alone, by hand as by the cascade: its own record of when the copy began and when it was verified. Images are
 * deleted afterwards. Prints a table for bench/RESULTS.md and the ratio of the medians.
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { HttpClient } from '../src/openstack/client/http.js';
import { KeystoneSession } from '../src/openstack/client/keystone-session.js';
import { bodyOf } from '../src/openstack/message.js';

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    'from-site': { type: 'string', default: 'site1' },
    'to-site': { type: 'string', default: 'site2' },
    megabytes: { type: 'string', default: '2048' },
    rounds: { type: 'string', default: '3' },
  },
});
const given = (value: string | undefined, name: string): string => {
  if (!value) throw new Error(`${name} is missing`);
  return value.replace(/\/+$/, '');
};
const [from, to] = [given(values.from, '--from'), given(values.to, '--to')];
const authUrl = given(process.env['OS_AUTH_URL'], 'OS_AUTH_URL');
const admin = `${authUrl.replace(/\/identity(\/v3)?$/, '')}/cascade/v1`;
const megabytes = Number(values.megabytes);

const http = new HttpClient({ connections: 4, verifyTls: true });
const session = new KeystoneSession(
  http,
  authUrl,
  {
    kind: 'password',
    username: given(process.env['OS_USERNAME'], 'OS_USERNAME'),
    password: given(process.env['OS_PASSWORD'], 'OS_PASSWORD'),
    projectName: given(process.env['OS_PROJECT_NAME'], 'OS_PROJECT_NAME'),
    userDomain: 'default',
    projectDomain: 'default',
  },
  30_000,
);

async function call<T>(method: string, url: string, body?: unknown): Promise<T> {
  const { token } = await session.get();
  const headers = { 'x-auth-token': token, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
  const response = await http.send({ method, url, headers, ...sent, deadlineMs: 60_000 });
  if (response.status >= 400) throw new Error(`${method} ${url}: ${response.status}`);
  return bodyOf(response) as T;
}

const shell = async (command: string): Promise<void> => {
  const { token } = await session.get();
  await promisify(execFile)('bash', ['-o', 'pipefail', '-c', command], { env: { ...process.env, TOKEN: token } });
};
const put = (root: string, id: string): string =>
  `curl -sf -X PUT -H "X-Auth-Token: $TOKEN" -H 'Content-Type: application/octet-stream' -T - ${root}/v2/images/${id}/file`;

async function newRecord(root: string): Promise<string> {
  const record = { name: 'bench', disk_format: 'raw', container_format: 'bare', visibility: 'private' };
  return (await call<{ id: string }>('POST', `${root}/v2/images`, record)).id;
}

async function newImage(): Promise<string> {
  const id = await newRecord(from);
  await shell(`head -c ${megabytes}M /dev/urandom | ${put(from, id)}`);
  return id;
}

/** @returns seconds */
async function byHand(id: string): Promise<number> {
  const copy = await newRecord(to);
  const start = performance.now();
  await shell(`curl -sf -H "X-Auth-Token: $TOKEN" ${from}/v2/images/${id}/file | ${put(to, copy)}`);
  const seconds = (performance.now() - start) / 1000;
  await call('DELETE', `${to}/v2/images/${copy}`);
  return seconds;
}

interface Copy {
  readonly site: string;
  readonly state: string;
  readonly since: string;
  readonly cause: string | null;
}

/** @returns seconds from the beginning of the copy to its verification */
async function byCascade(id: string): Promise<number> {
  await known(id);
  await call('POST', `${admin}/images/${id}/copies`, { site: values['to-site'] });
  let began: number | undefined;
  for (;;) {
    const { image } = await call<{ image: { copies: Copy[] } }>('GET', `${admin}/images/${id}`);
    const copy = image.copies.find(({ site }) => site === values['to-site']);
    if (copy?.state === 'copying') began ??= Date.parse(copy.since);
    if (copy?.state === 'failed') throw new Error(copy.cause ?? 'failed');
    if (copy?.state === 'active') return (Date.parse(copy.since) - (began ?? Date.parse(copy.since))) / 1000;
    await delay(100);
  }
}

/** Until the cascade has read of it. */
async function known(id: string): Promise<void> {
  for (let look = 0; look < 120; look += 1) {
    const found = await call('GET', `${admin}/images/${id}`).catch(() => undefined);
    if (found) return;
    await delay(500);
  }
  throw new Error('the cascade did not find the image');
}

const median = (numbers: number[]): number => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
const seconds: { hand: number[]; cascade: number[] } = { hand: [], cascade: [] };
for (let round = 0; round < Number(values.rounds); round += 1) {
  const id = await newImage();
  // Whoever reads first warms the disk's cache for the other: they take turns.
  const turns = round % 2 === 0 ? (['hand', 'cascade'] as const) : (['cascade', 'hand'] as const);
  for (const turn of turns) seconds[turn].push(await (turn === 'hand' ? byHand(id) : byCascade(id)));
  await call('DELETE', `${admin.replace('/cascade/v1', '/image/v2')}/images/${id}`);
}
await http.close();
const speed = (times: number[]): string => (megabytes / median(times)).toFixed(0);
process.stdout.write(`
| ${megabytes} MB, ${values['from-site']} to ${values['to-site']} | MB/s (median of ${values.rounds}) |
|---|---|
| curl GET piped into curl PUT | ${speed(seconds.hand)} |
| the cascade's copier, with verification | ${speed(seconds.cascade)} |

ratio ${(median(seconds.hand) / median(seconds.cascade)).toFixed(2)}
`);
