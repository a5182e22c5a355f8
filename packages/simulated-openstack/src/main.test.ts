/** The command, as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freePortFrom } from '@cascade/openstack-protocol/server/listening.js';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

function command(...options: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', main, '--profile', 'none', ...options]);
  const said = { out: '', error: '' };
  child.stdout.on('data', (bytes: Buffer) => (said.out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (said.error += bytes.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  return { child, said, ended };
}

test('serves its clouds until it is told to stop', async () => {
  const port = await freePortFrom('127.0.0.1', 9_400, 500);
  const { child, said, ended } = command('--sites', '1', '--base-port', String(port));
  await expect.poll(() => said.out, { timeout: 15_000 }).toContain('1 clouds with 0 servers are ready');
  expect((await fetch(`http://127.0.0.1:${port}/compute/`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0, error: '' });
});

test('says in one line why it cannot', async () => {
  const { code, error } = await command('--sites', '1000', '--base-port', '65000').ended;
  expect(code).toBe(1);
  expect(error).toBe('simulated-openstack: --base-port 65000 leaves no ports for 1000 clouds: choose a lower one\n');
});
