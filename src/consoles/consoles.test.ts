import { WebSocket } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { converse, upgrade } from './testing-clients.js';
import { cascadeShowing, fakeConsole, serverId, siteToken } from './testing.js';

const novnc = (host: string) => `http://${host}/vnc_auto.html?path=%3Ftoken%3D${siteToken}`;

let site: Awaited<ReturnType<typeof fakeConsole>>;
let shown: unknown;
let cascade: Awaited<ReturnType<typeof cascadeShowing>>;

beforeEach(async () => {
  site = await fakeConsole();
  shown = { remote_console: { protocol: 'vnc', type: 'novnc', url: novnc(site.host) } };
  cascade = await cascadeShowing(() => shown, { limits: { handshakeMs: 1_000 }, allowedHosts: ['dashboard.test'] });
});
afterEach(async () => {
  await cascade.close();
  await site.close();
});

/** Asks for a console as a tenant does. */
async function openConsole(): Promise<{ page: string; socket: string; token: string }> {
  const { status, text } = await cascade.post('/remote-consoles', {
    remote_console: { protocol: 'vnc', type: 'novnc' },
  });
  expect(status).toBe(200);
  expect(text).not.toContain(site.host);
  const page = (JSON.parse(text) as { remote_console: { url: string } }).remote_console.url;
  const path = new URL(page).searchParams.get('path') ?? '';
  return { page, socket: `ws://${cascade.host}/${path}`, token: /console\/([\w-]{43})\//.exec(page)?.[1] ?? '' };
}

describe('the link', () => {
  test('the page comes from the site, with nothing of the site in it', async () => {
    const { page, token } = await openConsole();
    const answer = await fetch(page);
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(text).toBe(`<html>noVNC of ${cascade.host}, ${cascade.url}/console/${token}/app/ui.js, ${token} é</html>`);
    expect(JSON.stringify([...answer.headers])).not.toContain(site.host);
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('the WebSocket is relayed once, to the path and with the token that the site gave', async () => {
    const { socket } = await openConsole();
    expect(await converse(socket)).toEqual(['RFB', 'hello']);
    expect(site.seen.at(-1)?.url).toBe(`/?token=${siteToken}`);
    expect(site.seen.at(-1)?.headers).toMatchObject({ host: site.host, 'sec-websocket-protocol': 'binary' });
    expect((await upgrade(socket)).status).toBe(410);
  });

  test('of two that come at once one is served', async () => {
    const { socket } = await openConsole();
    const both = await Promise.all([upgrade(socket), upgrade(socket)]);
    expect(both.map((one) => one.status).sort()).toEqual([101, 410]);
    expect(JSON.stringify(both)).not.toContain(site.host);
  });

  test('an expired one is refused, for the WebSocket and for files', async () => {
    const { page, socket } = await openConsole();
    await cascade.database.run(`update console set expires_at = now() - interval '1 second'`);
    expect((await upgrade(socket)).status).toBe(410);
    expect((await fetch(page)).status).toBe(410);
    await cascade.database.run(`update console set expires_at = now() - interval '2 hours'`);
    expect(await cascade.links.sweep()).toBe(1);
    expect((await fetch(page)).status).toBe(404);
  });

  test('an unknown or malformed one is not found', async () => {
    const other = 'A'.repeat(43);
    for (const token of [other, 'short', '%2e%2e']) {
      expect((await upgrade(`${cascade.url}/console/${token}/websockify`)).status, token).toBe(404);
      expect((await fetch(`${cascade.url}/console/${token}/vnc_auto.html`)).status, token).toBe(404);
    }
    expect((await upgrade(`${cascade.url}/compute/v2.1/servers`)).status).toBe(404);
    // Tempest's bad token: the good one still stands in the path.
    const { socket } = await openConsole();
    expect((await upgrade(socket.replace('token=', 'token=bad'))).status).toBe(404);
    expect(await converse(socket)).toHaveLength(2);
  });

  test('the database holds neither the token nor the address of the site', async () => {
    const { token } = await openConsole();
    const rows = JSON.stringify(await cascade.database.many(`select *, encode(token_hash, 'escape') from console`));
    expect(rows).toContain(serverId);
    for (const secret of [token, siteToken, site.host]) expect(rows).not.toContain(secret);
  });
});

describe('where scripts look for the WebSocket', () => {
  test.each([
    ['newer noVNC, relative to the page', (token: string) => `/console/${token}/console/${token}/?token=${token}`, {}],
    ['a script that knows no path, by its cookie', () => '/websockify', { cookie: true }],
  ])('%s', async (_name, pathOf, { cookie }: { cookie?: boolean }) => {
    const { token } = await openConsole();
    const headers: Record<string, string> = cookie ? { cookie: `a=b; token=${token}` } : {};
    expect((await upgrade(`${cascade.url}${pathOf(token)}`, headers)).status).toBe(101);
  });
});

describe('the page that opens it', () => {
  test.each([
    [undefined, 101],
    ['OWN', 101],
    ['https://dashboard.test', 101],
    ['https://evil.test', 403],
    ['null', 403],
  ])('origin %s: %i', async (origin, status) => {
    const { socket } = await openConsole();
    const headers: Record<string, string> = origin ? { origin: origin === 'OWN' ? cascade.url : origin } : {};
    expect((await upgrade(socket, headers)).status).toBe(status);
    if (status === 403) expect((await upgrade(socket)).status).toBe(101); // the link is not spent
  });
});

describe('files', () => {
  test('bytes stay bytes; what the site refuses is refused in our words', async () => {
    const { token } = await openConsole();
    const file = async (name: string) => fetch(`${cascade.url}/console/${token}/${name}`, { redirect: 'manual' });
    expect([...new Uint8Array(await (await file('bell.ogg')).arrayBuffer())]).toEqual([0, 255, 254, 10]);
    for (const [name, status] of [
      ['none', 404],
      ['broken', 502],
      ['away', 502],
      ['a%2f..%2fb', 404],
    ] as const) {
      const answer = await file(name);
      expect(answer.status, name).toBe(status);
      expect(JSON.stringify([...answer.headers]) + (await answer.text())).not.toContain(site.host);
    }
    expect((await file('app')).headers.get('location')).toBe(`${cascade.url}/console/${token}/app/`);
    expect((await fetch(`${cascade.url}/console/${token}/x`, { method: 'POST' })).status).toBe(404);
  });

  test('the tenant can name no other host, and sends the site nothing of its own', async () => {
    const { token } = await openConsole();
    await fetch(`${cascade.url}/console/${token}//evil.test/x?token=y`, {
      headers: { 'x-auth-token': 'mine', cookie: 'mine' },
    });
    expect(site.seen.at(-1)).toMatchObject({ url: '//evil.test/x', headers: { host: site.host } });
    expect(JSON.stringify(site.seen.at(-1))).not.toContain('mine');
  });
});

test('a site whose console is gone is answered for, without its address', async () => {
  const { page, socket } = await openConsole();
  await site.close();
  const [refused, answer] = [await upgrade(socket), await fetch(page)];
  expect(refused.status).toBe(502);
  expect(refused.text).not.toContain(site.host);
  expect(answer.status).toBe(502);
  expect(await answer.text()).toBe('The console in availability zone site1 does not answer.\n');
});

test('a site that refuses its own token is answered for, too', async () => {
  shown = { remote_console: { protocol: 'vnc', type: 'novnc', url: novnc(site.host).replace('11111111', 'x') } };
  const { socket } = await openConsole();
  expect((await upgrade(socket)).status).toBe(502);
});

test('when the site hangs up, so do we', async () => {
  const { socket } = await openConsole();
  const client = new WebSocket(socket, ['binary']);
  const ended = new Promise((resolve) => client.addEventListener('close', resolve));
  await new Promise((resolve) => client.addEventListener('message', resolve, { once: true }));
  await site.close();
  await ended;
});
