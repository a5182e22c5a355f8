/** What is said of databases that cannot be used, by servers that speak just enough of PostgreSQL's protocol. */
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { requireUsable } from './external-database.js';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  sockets.splice(0).forEach((socket) => socket.destroy());
  servers.splice(0).forEach((server) => server.close());
});

/** @param answer what it says to the first message, and to all that come later */
async function serverThat(answer: (at: number) => Buffer | undefined): Promise<string> {
  const server = createServer((socket) => {
    let at = 0;
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => {
      const said = answer(at++);
      if (said) socket.write(said);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `postgres://shop:very-secret@127.0.0.1:${(server.address() as AddressInfo).port}/cascade`;
}

/** One message of the protocol: its type, its length, its content. */
function message(type: string, ...parts: (string | Buffer)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length + 4);
  return Buffer.concat([Buffer.from(type), length, content]);
}
const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number): Buffer => Buffer.concat([int16(value >>> 16), int16(value & 65_535)]);
const ready = message('Z', 'I');
const error = (code: string, words: string): Buffer => message('E', `SFATAL\0C${code}\0M${words}\0\0`);

function row(values: Record<string, { text: string; oid: number }>): Buffer {
  const fields = Object.entries(values);
  const columns = fields.map(([name, { oid }]) =>
    Buffer.concat([Buffer.from(`${name}\0`), int32(0), int16(0), int32(oid), int16(-1 & 65_535), int32(0), int16(0)]),
  );
  const cells = fields.map(([, { text }]) => Buffer.concat([int32(text.length), Buffer.from(text)]));
  return Buffer.concat([
    message('T', int16(fields.length), ...columns),
    message('D', int16(fields.length), ...cells),
    message('C', 'SELECT 1\0'),
    ready,
  ]);
}

const serverOf = (version: string, number: string, encoding = 'UTF8', standby = 'f') =>
  serverThat((at) =>
    at === 0
      ? Buffer.concat([message('R', int32(0)), ready])
      : row({
          version: { text: version, oid: 25 },
          number: { text: number, oid: 23 },
          encoding: { text: encoding, oid: 25 },
          standby: { text: standby, oid: 16 },
        }),
  );

async function refusalOf(url: string): Promise<string> {
  const refusal = await requireUsable(url).then(() => 'none', String);
  expect(refusal).not.toContain('very-secret');
  return refusal;
}

test('one that can be used', async () => {
  expect(await refusalOf(await serverOf('15.4', '150004'))).toBe('none');
});

test('too old, a standby, another encoding', async () => {
  expect(await refusalOf(await serverOf('14.9', '140009'))).toContain('is PostgreSQL 14.9: cascade needs 15 or later');
  expect(await refusalOf(await serverOf('17.2', '170002', 'UTF8', 't'))).toContain('is a standby');
  expect(await refusalOf(await serverOf('17.2', '170002', 'SQL_ASCII'))).toContain('encoded in SQL_ASCII');
});

test.each([
  ['28P01', 'password authentication failed for user "shop"', 'does not let user shop in: correct user and password'],
  ['28000', 'no pg_hba.conf entry for host', 'does not let user shop in'],
  ['3D000', 'database "cascade" does not exist', 'there is no database cascade: make it'],
  ['53300', 'sorry, too many clients already', 'lower CASCADE_DATABASE_CONNECTIONS'],
  ['57P03', 'the database system is starting up', 'start again when it is ready'],
  ['XX000', 'the moon is full', 'the moon is full'],
])('one that refuses with %s', async (code, words, said) => {
  expect(await refusalOf(await serverThat(() => error(code, words)))).toContain(said);
});

test('one that wants a password which the URL does not have', async () => {
  const asked = [message('R', int32(10), 'SCRAM-SHA-256\0\0'), message('R', int32(11), 'r=n,s=c2FsdA==,i=4096')];
  const url = await serverThat((at) => asked[at]);
  expect(await refusalOf(url.replace(':very-secret', ''))).toContain('the server wants a password of user shop');
});

test('no PostgreSQL at all: nobody, a web server, silence, an unknown host', async () => {
  expect(await refusalOf('postgres://shop:very-secret@127.0.0.1:1/x')).toContain(
    'no PostgreSQL answers there: start it',
  );
  expect(await refusalOf('postgres://shop:very-secret@/x?host=/nowhere')).toContain('socket /nowhere');
  const web = await serverThat(() => Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
  expect(await refusalOf(web)).toMatch(/cannot use the database of DATABASE_URL \(cascade at 127.0.0.1:\d+\): /);
  expect(await refusalOf('postgres://shop:very-secret@nowhere.invalid/x')).toContain('name of the host is not known');
  const ended = new AbortController();
  const silent = requireUsable(await serverThat(() => undefined), ended.signal);
  ended.abort();
  await expect(silent).rejects.toThrow('aborted');
});

test('silence is given up', async () => {
  expect(await refusalOf(await serverThat(() => undefined))).toContain('nothing answered within 10 s');
});
