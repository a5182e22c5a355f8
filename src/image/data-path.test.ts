import { request } from 'undici';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { answer, cascadeOver, type FakeService, type TestCascade } from './testing.js';

const id = '11111111-1111-4111-8111-111111111111';
const image = {
  id,
  name: 'i',
  status: 'queued',
  owner: 'ann-project',
  visibility: 'shared',
  created_at: '2026-01-01T00:00:00Z',
};

let cascade: TestCascade;
afterEach(() => cascade.close());

/** A Glance with one image; `data` answers what is asked of its file. */
async function glanceWith(data: FakeService): Promise<void> {
  cascade = await cascadeOver([
    (request, response) => {
      if (request.url?.startsWith(`/v2/images/${id}/file`)) return data(request, response);
      return answer(response, 200, request.url === `/v2/images/${id}` ? image : { images: [image] });
    },
  ]);
  await cascade.get(`/image/v2/images/${id}`, 'ann');
}

const fileUrl = () => `${cascade.url}/image/v2/images/${id}/file`;
const mebibyte = Buffer.alloc(1024 * 1024, 'x');

async function* mebibytes(count: number): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < count; sent += 1) yield mebibyte;
}

/** Sends a body in chunks and without a length, all of it before it looks for the answer, as Python's clients do. */
async function upload(body: AsyncIterable<Buffer>): Promise<number> {
  const { hostname, port, pathname } = new URL(fileUrl());
  const socket = connect(Number(port), hostname);
  const head = ['x-auth-token: ann', 'content-type: application/octet-stream', 'transfer-encoding: chunked'];
  socket.write(`PUT ${pathname} HTTP/1.1\r\nhost: ${hostname}\r\n${head.join('\r\n')}\r\n\r\n`);
  try {
    for await (const chunk of body) {
      const frame = Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]);
      if (!socket.write(frame)) await once(socket, 'drain');
    }
    socket.write('0\r\n\r\n');
    const [answered] = (await once(socket, 'data')) as [Buffer];
    return Number(answered.toString().split(' ')[1]);
  } finally {
    socket.destroy();
  }
}

test('an upload without a length reaches the site chunk by chunk, whole', async () => {
  const seen = createHash('sha256');
  let encoding: string | undefined;
  await glanceWith((request, response) => {
    encoding = request.headers['transfer-encoding'];
    request.on('data', (chunk: Buffer) => seen.update(chunk)).on('end', () => response.writeHead(204).end());
  });
  const wanted = createHash('sha256');
  for (let count = 0; count < 20; count += 1) wanted.update(mebibyte);
  expect(await upload(mebibytes(20))).toBe(204);
  expect(encoding).toBe('chunked');
  expect(seen.digest('hex')).toBe(wanted.digest('hex'));
});

test('a site that takes bytes slowly slows the client; nothing piles up in between', async () => {
  let taken: IncomingMessage | undefined;
  await glanceWith((request, response) => {
    taken = request.pause();
    request.on('end', () => response.writeHead(204).end());
  });
  let given = 0;
  const uploaded = upload(
    (async function* () {
      for await (const chunk of mebibytes(100)) yield ((given += 1), chunk);
    })(),
  );
  await expect.poll(() => taken).toBeDefined();
  await delay(500);
  // What is under way is held by sockets, whose buffers the kernel sizes.
  expect(given).toBeLessThan(50);
  taken?.resume();
  expect(await uploaded).toBe(204);
  expect(given).toBe(100);
});

test('a site that refuses before it has read the upload: the client sends on and reads the refusal', async () => {
  await glanceWith((request, response) => {
    request.once('data', () => response.writeHead(409, { 'content-type': 'text/plain' }).end('no'));
  });
  expect(await upload(mebibytes(50))).toBe(409);
});

test('clients that hang up are not taken for a site that is silent', async () => {
  let broken = 0;
  await glanceWith((request) => void request.on('error', () => (broken += 1)).resume());
  for (let count = 0; count < 4; count += 1) {
    const dying = (async function* () {
      yield mebibyte;
      await delay(50);
      throw new Error('the client dies');
    })();
    await expect(upload(dying)).rejects.toThrow();
  }
  await expect.poll(() => broken).toBe(4);
  expect(cascade.world.sites.all()[0]?.health('image').reachable).toBe(true);
});

test('clients that download slowly keep no other request waiting', async () => {
  await glanceWith((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    Readable.from(mebibytes(200))
      .on('error', () => undefined)
      .pipe(response);
  });
  const stop = new AbortController();
  const headers = { 'x-auth-token': 'ann' };
  // As many as the site may be asked at once, and none of them reads.
  for (let count = 0; count < 4; count += 1) await fetch(fileUrl(), { headers, signal: stop.signal });
  expect(await cascade.get(`/image/v2/images/${id}`, 'ann')).toMatchObject({ status: 200 });
  stop.abort();
});

test('a client that leaves a download ends it at the site too', async () => {
  let ended = false;
  await glanceWith((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).on('close', () => (ended = true));
    Readable.from(mebibytes(500))
      .on('error', () => undefined)
      .pipe(response);
  });
  const stop = new AbortController();
  await fetch(fileUrl(), { headers: { 'x-auth-token': 'ann' }, signal: stop.signal });
  expect(ended).toBe(false);
  stop.abort();
  await expect.poll(() => ended).toBe(true);
});

test('no data is 204, a range is 206, and both keep their headers', async () => {
  await glanceWith((request, response) => {
    if (!request.headers.range) return response.writeHead(204).end();
    const headers = {
      'content-type': 'application/octet-stream',
      'content-range': 'bytes 0-1/9',
      'content-length': '2',
    };
    return response.writeHead(206, headers).end('ab');
  });
  expect((await fetch(fileUrl(), { headers: { 'x-auth-token': 'ann' } })).status).toBe(204);
  const part = await fetch(fileUrl(), { headers: { 'x-auth-token': 'ann', range: 'bytes=0-1' } });
  expect(part.status).toBe(206);
  expect(part.headers.get('content-range')).toBe('bytes 0-1/9');
  expect(part.headers.get('content-length')).toBe('2');
  expect(await part.text()).toBe('ab');
});

test.each([
  ['content-range', 'bytes 2-3/9'],
  ['range', 'bytes=2-3'],
  ['accept-language', 'de'],
  ['x-image-meta-store', 'fast'],
])('the site is told %s: %s, and its refusal keeps its headers', async (name, value) => {
  let received: string | undefined;
  await glanceWith((request, response) => {
    received = String(request.headers[name]);
    return response
      .writeHead(416, { 'content-type': 'text/html', 'content-range': 'bytes */9' })
      .end('<html>no</html>');
  });
  const answer = await fetch(fileUrl(), { headers: { 'x-auth-token': 'ann', [name]: value } });
  expect([received, answer.status, answer.headers.get('content-range')]).toEqual([value, 416, 'bytes */9']);
  expect(await answer.text()).toBe('<html>no</html>');
});

test.each([
  ['x-roles', 'admin'],
  ['x-user-id', 'root'],
  ['x-identity-status', 'Confirmed'],
  ['x-forwarded-for', '10.0.0.1'],
  ['accept-encoding', 'gzip'],
  ['cookie', 'a=b'],
  ['origin', 'http://evil.example'],
])('the site is not told %s', async (name, value) => {
  let received: string | string[] | undefined = 'nothing was asked';
  await glanceWith((request, response) => {
    received = request.headers[name];
    return response.writeHead(204).end();
  });
  await request(fileUrl(), { headers: { 'x-auth-token': 'ann', [name]: value } });
  expect(received).toBeUndefined();
});
