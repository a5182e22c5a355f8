/** For tests: a site with a Nova and a console proxy, and a cascade in front of it. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pino } from 'pino';
import { openFrontDoor } from '@cascade/openstack-protocol/server/front-door.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { route } from '@cascade/openstack-protocol/server/route.js';
import { testDatabase } from '../database/testing.js';
import { Inventory } from '../resources/inventory.js';
import type { Kind } from '../resources/kind.js';
import type { World } from '../routing/world.js';
import { SiteRegistry } from '../sites/registry.js';
import { secretsWith } from '../sites/secrets.js';
import { ConsoleLinks } from './link-table.js';
import { openConsoles, type ConsoleOptions } from './open-consoles.js';
import { consoleActionOr, showConsole } from './show-console.js';

export const serverId = 'a0000000-0000-4000-8000-000000000001';
export const siteToken = '11111111-2222-4333-8444-555555555555';

export interface Seen {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/** As nova-novncproxy: files below the root, and a WebSocket, which echoes, for the right token in the query. */
export async function fakeConsole(): Promise<{ host: string; seen: Seen[]; close(): Promise<void> }> {
  const seen: Seen[] = [];
  const { server, host } = await listen((request, response) => {
    seen.push({ url: request.url ?? '', headers: request.headers });
    const path = (request.url ?? '').replace(/\?.*/, '');
    response.setHeader('server', `websockify at ${host}`);
    response.setHeader('set-cookie', `host=${host}`);
    if (path === '/vnc_auto.html') {
      response.setHeader('content-type', 'text/html');
      response.end(`<html>noVNC of ${host}, http://${host}/app/ui.js, ${siteToken} \u00e9</html>`);
    } else if (path === '/bell.ogg') response.end(Buffer.from([0, 255, 254, 10]));
    else if (path === '/app') response.writeHead(301, { location: `http://${host}/app/?token=${siteToken}` }).end();
    else if (path === '/away') response.writeHead(302, { location: 'http://elsewhere.test/' }).end();
    else response.writeHead(path === '/broken' ? 500 : 404).end(`no ${path} at ${host}`);
  });
  const sockets = new Set<Duplex>();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    seen.push({ url: request.url ?? '', headers: request.headers });
    sockets.add(socket.on('error', () => undefined));
    if (new URL(request.url ?? '', 'http://x').searchParams.get('token') !== siteToken) {
      return socket.end(`HTTP/1.1 403 Forbidden at ${host}\r\n\r\n`);
    }
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nServer: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: binary\r\n\r\n`,
    );
    socket.write(Buffer.from('\x82\x03RFB', 'latin1')); // the server speaks first, in the same breath
    const isClose = (frame: Buffer): boolean => ((frame[0] ?? 0) & 15) === 8;
    return socket.on('data', (frame: Buffer) =>
      isClose(frame) ? socket.end(echoOf(frame)) : socket.write(echoOf(frame)),
    );
  });
  const close = async (): Promise<void> => {
    sockets.forEach((socket) => socket.destroy());
    await closed(server);
  };
  return { host, seen, close };
}

/** One whole masked frame of less than 126 bytes, as a server sends it. */
function echoOf(frame: Buffer): Buffer {
  const length = (frame[1] ?? 0) & 127;
  const [mask, payload] = [frame.subarray(2, 6), frame.subarray(6, 6 + length)];
  return Buffer.concat([Buffer.from([frame[0] ?? 0, length]), payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

const server: Kind = { name: 'server', service: 'compute', collection: '/servers', key: 'server', keys: 'servers' };

/** A cascade over a Nova that answers every request for a console with `shown`. */
export async function cascadeShowing(shown: () => unknown, options: Partial<ConsoleOptions> = {}) {
  const { database, close } = await testDatabase();
  const nova = await listen((_request, response) => {
    const body = shown();
    response.writeHead(body instanceof Fault ? body.status : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body instanceof Fault ? { badRequest: { message: body.message } } : body));
  });
  const limits = { concurrency: 4, perSecond: 0 };
  const sites = new SiteRegistry(database, secretsWith(Buffer.alloc(32)), {
    deadlines: { readMs: 30_000, writeMs: 30_000 },
    limits,
  });
  await database.run(
    `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
     values ('site1', 'enabled', 'http://x', 'r', 'internal', true, $1, $2)`,
    [
      secretsWith(Buffer.alloc(32)).seal('{}', 'site1'),
      { endpoints: { compute: [`http://${nova.host}`] }, microversions: {}, networkExtensions: [] },
    ],
  );
  await sites.load();
  await database.run(
    `insert into resource (kind, id, site_id, project_id, created_at, updated_at, body, facts)
     values ('server', $1, 1, 'p', now(), now(), '{}', '{}')`,
    [serverId],
  );
  const log = pino({ level: 'silent' });
  const kinds = new Map([[server.name, server]]);
  const world = { database, sites, inventory: new Inventory(database), kinds, log } as unknown as World;
  const door = openFrontDoor({
    routes: {
      compute: [
        route('POST /servers/{server_id}/remote-consoles', 'member', showConsole(world), { since: '2.6' }),
        route(
          'POST /servers/{server_id}/action',
          'member',
          consoleActionOr(world, async (asked) => json(202, { others: await asked.readJson() })),
        ),
      ],
    },
    authenticate: () => Promise.resolve({ token: 't', userId: 'u', projectId: 'p', roles: ['member'], isAdmin: false }),
    allows: () => true,
    identity: () => Promise.reject(new Error('no identity here')),
    log,
    maxBodyBytes: 100_000,
  });
  const links = new ConsoleLinks(database);
  openConsoles(door, links, { log, ...options });
  const url = await door.listen({ host: '127.0.0.1', port: 0 });
  const post = async (path: string, body: unknown): Promise<{ status: number; text: string }> => {
    const answer = await fetch(`${url}/compute/v2.1/servers/${serverId}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'openstack-api-version': 'compute 2.6' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, text: await answer.text() };
  };
  return {
    url,
    host: url.slice('http://'.length),
    database,
    links,
    post,
    close: async () => {
      await door.close();
      await closed(nova.server);
      await sites.close();
      await close();
    },
  };
}

async function listen(answer: RequestListener): Promise<{ server: Server; host: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
