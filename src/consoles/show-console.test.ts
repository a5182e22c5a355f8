import { createConnection } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { converse } from './testing-clients.js';
import { cascadeShowing, fakeConsole, serverId, siteToken } from './testing.js';

let site: Awaited<ReturnType<typeof fakeConsole>>;
let shown: unknown;
let cascade: Awaited<ReturnType<typeof cascadeShowing>>;

beforeEach(async () => {
  site = await fakeConsole();
  cascade = await cascadeShowing(() => shown);
});
afterEach(async () => {
  await cascade.close();
  await site.close();
});

test('the older actions are consoles too; other actions pass by', async () => {
  shown = { console: { type: 'spice-html5', url: `http://${site.host}/spice_auto.html?token=${siteToken}` } };
  const spice = await cascade.post('/action', { 'os-getSPICEConsole': { type: 'spice-html5' } });
  const { url } = (JSON.parse(spice.text) as { console: { url: string } }).console;
  expect(url).toMatch(/\/console\/([\w-]{43})\/spice_auto\.html\?path=console%2F\1%2F%3Ftoken%3D\1&token=\1$/);
  shown = { console: { type: 'serial', url: `ws://${site.host}/?token=${siteToken}` } };
  const serial = await cascade.post('/action', { 'os-getSerialConsole': { type: 'serial' } });
  const { url: serialUrl } = (JSON.parse(serial.text) as { console: { url: string } }).console;
  expect(serialUrl).toMatch(new RegExp(`^ws://${cascade.host}/console/([\\w-]{43})/\\?token=\\1$`));
  expect(await converse(serialUrl)).toEqual(['RFB', 'hello']);
  expect((await fetch(serialUrl.replace('ws', 'http'))).status).toBe(404);
  const other = await cascade.post('/action', { 'os-stop': null });
  expect(JSON.parse(other.text)).toEqual({ others: { 'os-stop': null } });
});

test("the site's refusal is the tenant's; a console without a usable URL is a bad gateway", async () => {
  shown = new Fault('bad-request', 'Unavailable console type novnc.');
  expect(await cascade.post('/remote-consoles', {})).toMatchObject({
    status: 400,
    text: expect.stringContaining('Unavailable console type') as string,
  });
  for (const url of ['file:///etc/passwd', 'nonsense', 7]) {
    shown = { remote_console: { protocol: 'vnc', type: 'novnc', url } };
    expect((await cascade.post('/remote-consoles', {})).status).toBe(502);
  }
});

test('a request that offers another protocol is answered as if it did not', async () => {
  const socket = createConnection(Number(cascade.host.split(':')[1]), '127.0.0.1');
  const body = JSON.stringify({ 'os-stop': null });
  let responses = '';
  socket.on('data', (part) => (responses += part.toString()));
  for (const round of [1, 2]) {
    const path = `/compute/v2.1/servers/${serverId}/action`;
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\nContent-Type: application/json\r\n` +
        `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n${body.slice(0, 5)}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.write(body.slice(5));
    await expect.poll(() => responses.split('{"others":{"os-stop":null}}').length - 1).toBe(round);
  }
  socket.destroy();
});
