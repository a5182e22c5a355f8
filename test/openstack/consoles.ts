/**
 * Consoles of real servers through the cascade: Nova makes the token, its own nova-novncproxy takes it, and the screen that
 * answers is the server's. Then whatever must not open one.
 *
 *   npx tsx test/openstack/consoles.ts http://127.0.0.1:8700     a cascade over a lab with LAB_WITH=consoles
 */
import { randomBytes } from 'node:crypto';
import { request } from 'undici';
import { assert, check, conclude, eventually } from './checks.js';
import { CloudClient, closeClients } from './cloud-client.js';
import { rootsOfCascade, siteNames, sites } from './lab.js';
import { RfbClient } from './rfb-client.js';

interface Console {
  remote_console: { protocol: string; type: string; url: string };
}

const base = process.argv[2] ?? 'http://127.0.0.1:8700';
const cascade = new CloudClient(`${base}/identity/v3`, rootsOfCascade(base));
const tag = `consoles-${randomBytes(3).toString('hex')}`;
const made: { flavor?: string; servers: string[] } = { servers: [] };

async function boot(zone: string): Promise<string> {
  const image = { name: `${tag}-${zone}`, disk_format: 'raw', container_format: 'bare', visibility: 'private' };
  const site = sites[siteNames.indexOf(zone)]!;
  const { body: record } = await site.call<{ id: string }>('POST', `${site.roots.image}/images`, image);
  await site.call('PUT', `${site.roots.image}/images/${record.id}/file`, Buffer.alloc(4096));
  const wanted = { name: tag, flavorRef: made.flavor, imageRef: record.id, networks: 'none', availability_zone: zone };
  const { status, body } = await cascade.compute<{ server: { id: string } }>('POST', '/servers', { server: wanted });
  assert(status === 202, `server in ${zone}: ${status} ${JSON.stringify(body)}`);
  made.servers.push(body.server.id);
  await site.call('DELETE', `${site.roots.image}/images/${record.id}`);
  return body.server.id;
}

const statusOf = async (id: string): Promise<string> =>
  (await cascade.compute<{ server: { status: string } }>('GET', `/servers/${id}`)).body.server.status;

async function consoleOf(id: string): Promise<URL> {
  const wanted = { remote_console: { protocol: 'vnc', type: 'novnc' } };
  const { status, body } = await cascade.compute<Console>('POST', `/servers/${id}/remote-consoles`, wanted);
  assert(status === 200, `remote-consoles: ${status} ${JSON.stringify(body)}`);
  assert(body.remote_console.url.startsWith(`${base}/console/`), `leads to ${body.remote_console.url}`);
  return new URL(body.remote_console.url);
}

/** Where noVNC's script goes: the page's parameter `path`, below the root. */
const socketOf = (page: URL): string => `ws://${page.host}/${page.searchParams.get('path')}`;

async function refused(url: string, origin?: string): Promise<boolean> {
  try {
    (await RfbClient.open(url, origin)).client.close();
    return false;
  } catch {
    return true;
  }
}

async function consoleIn(zone: string): Promise<void> {
  const id = await boot(zone);
  await check(`${zone}: a server to look at`, () =>
    eventually('ACTIVE', 90, async () => (await statusOf(id)) === 'ACTIVE'),
  );
  let page = new URL(base);
  await check(`${zone}: Nova gives a console, and the cascade its link to it`, async () => {
    page = await consoleOf(id);
  });
  await check(`${zone}: the page and its scripts are noVNC's`, async () => {
    const answer = await request(page);
    const text = await answer.body.text();
    assert(answer.statusCode === 200 && /noVNC/i.test(text), `${answer.statusCode} ${text.slice(0, 200)}`);
    for (const file of ['app/ui.js', 'core/rfb.js', 'app/styles/base.css']) {
      const one = await request(new URL(file, page));
      assert(one.statusCode === 200 && (await one.body.text()).length > 1000, `${file}: ${one.statusCode}`);
    }
  });
  await check(`${zone}: the screen is this server's, and a key that is pressed arrives`, async () => {
    const { client, screen } = await RfbClient.open(socketOf(page), page.origin);
    assert(screen === id, `the screen of ${screen}, wanted ${id}`);
    const before = await client.screen();
    assert(before.width > 0 && before.pixels.length === before.width * before.height * 4, 'no picture');
    client.press(0xab);
    const after = await client.screen(true);
    assert(after.pixels.readUInt32LE() === 0xab, `pixel ${after.pixels.readUInt32LE().toString(16)}`);
    client.close();
  });
  await check(`${zone}: a link opens once`, async () => {
    assert(await refused(socketOf(page)), 'it opened again');
  });
  await check(`${zone}: a page of another origin opens nothing`, async () => {
    const fresh = await consoleOf(id);
    assert(await refused(socketOf(fresh), 'http://elsewhere.example'), 'it opened');
    const { client } = await RfbClient.open(socketOf(fresh), fresh.origin);
    client.close();
  });
}

async function main(): Promise<void> {
  const wanted = { flavor: { name: tag, ram: 64, vcpus: 1, disk: 1 } };
  const { status, body } = await cascade.compute<{ flavor: { id: string } }>('POST', '/flavors', wanted);
  assert(status === 200, `flavor: ${status}`);
  made.flavor = body.flavor.id;
  for (const zone of siteNames) await consoleIn(zone);
}

async function tidy(): Promise<void> {
  for (const id of made.servers) await cascade.compute('DELETE', `/servers/${id}`);
  if (made.flavor) await cascade.compute('DELETE', `/flavors/${made.flavor}`);
  await closeClients();
}

await conclude('consoles', main, tidy);
