/** A cascade of a test's own over the two sites of a running lab: to be killed, and started again with its database. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { assert, eventually } from './checks.js';
import { CloudClient, closeClients } from './cloud-client.js';
import { authUrl, lab, root, rootsOfCascade } from './lab.js';

const dataDir = mkdtempSync(join(tmpdir(), 'cascade-lab-'));

export const port = process.env['FAULTS_PORT'] ?? '8702';
export const base = `http://127.0.0.1:${port}`;
export const cascade = new CloudClient(authUrl, rootsOfCascade(base));

let running: ChildProcess | undefined;

export async function startCascade(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  running = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', 'serve'], {
    cwd: root,
    stdio: process.env['FAULTS_VERBOSE'] ? 'inherit' : 'ignore',
    env: {
      ...process.env,
      CASCADE_DATA_DIR: join(dataDir, 'data'),
      CASCADE_LISTEN: `127.0.0.1:${port}`,
      CASCADE_KEYSTONE_URL: authUrl.replace(/\/v3$/, ''),
      CASCADE_SITE_READ_SECONDS: '6',
      ...settings,
    },
  });
  await eventually(
    'the cascade answers',
    90,
    async () => (await cascade.call('GET', `${base}/identity/v3`)).status === 200,
  );
}

/** `kill -9`, and not yet started again. */
export const killCascade = (): void => void running?.kill('SIGKILL');

export async function stopCascade(): Promise<void> {
  const stopping = running;
  stopping?.kill('SIGTERM');
  for (let look = 0; look < 40 && stopping?.exitCode === null && stopping.signalCode === null; look += 1)
    await delay(250);
  stopping?.kill('SIGKILL');
}

/** For good: with its database. */
export async function removeCascade(): Promise<void> {
  await stopCascade();
  await closeClients();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Bytes of memory that the cascade's process holds now. */
export function residentBytes(): number {
  const status = readFileSync(`/proc/${running?.pid ?? 0}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024;
}

export async function addSites(): Promise<void> {
  for (const { name, region } of lab.sites) {
    const auth = { username: 'admin', password: 'secret' };
    const body = { name, auth_url: authUrl, region, interface: 'internal', auth };
    const answer = await cascade.call('POST', `${base}/cascade/v1/sites`, body);
    assert(answer.status === 201, `adding ${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

/** A flavor of the cascade, small enough for many servers at once. @param disk GiB, as many as the image needs */
export async function makeFlavor(name: string, disk = 1): Promise<string> {
  const wanted = { flavor: { name, ram: 64, vcpus: 1, disk } };
  const { status, body } = await cascade.compute<{ flavor: { id: string } }>('POST', '/flavors', wanted);
  assert(status === 200, `flavor: ${status} ${JSON.stringify(body)}`);
  return body.flavor.id;
}
