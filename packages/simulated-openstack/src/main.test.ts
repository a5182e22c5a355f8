/** The command, as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

function command(...options: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', main, '--profile', 'none', ...options]);
  const said = { out: '', error: '' };
  child.stdout.on('data', (bytes: Buffer) => (said.out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (said.error += bytes.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  return { child, said, ended };
}

/** One cloud at a port of its own: where another program has taken the port first, at another one. */
async function serveOne() {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 10_000);
    const one = command('--sites', '1', '--base-port', String(port));
    await expect.poll(() => one.said.out + one.said.error).toMatch(/are ready|another program uses that port/);
    if (one.said.error === '') return { ...one, port };
  }
}

test('serves its clouds until it is told to stop', async () => {
  const { child, said, ended, port } = await serveOne();
  expect(said.out).toContain('1 clouds with 0 servers are ready');
  expect((await fetch(`http://127.0.0.1:${port}/compute/`)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0, error: '' });
});

test('says in one line why it cannot', async () => {
  const { code, error } = await command('--sites', '1000', '--base-port', '65000').ended;
  expect(code).toBe(1);
  expect(error).toBe('simulated-openstack: --base-port 65000 leaves no ports for 1000 clouds: choose a lower one\n');
});
