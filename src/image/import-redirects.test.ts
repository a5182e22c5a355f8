import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { endOf } from './import-redirects.js';
import { isInward } from './import-uri.js';

let server: Server;
let port: number;
/** What was asked, as `host path`. */
const asked: string[] = [];

// One machine is the outside at one loopback address, and the inside at another.
const outside = '127.0.0.2';
const names: Record<string, string[]> = {
  'mirror.example': [outside],
  'cdn.example': [outside],
  'inside.example': ['127.0.0.1'],
};
const leadsInward = (address: string) => address !== outside && isInward(address);
const resolve = async (host: string) => names[host] ?? Promise.reject(new Error('ENOTFOUND'));

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    asked.push(`${request.headers.host?.split(':')[0]} ${pathname}`);
    const location = searchParams.get('to');
    if (pathname === '/silent') return;
    if (pathname === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (location !== null) response.writeHead(Number(pathname.slice(1)), { location }).end();
    else response.writeHead(pathname === '/none' ? 404 : 200).write('bytes that nobody reads');
  });
  await new Promise<void>((done) => server.listen(0, done));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => void (asked.length = 0));

const url = (path: string, host = 'mirror.example') => `http://${host}:${port}${path}`;
const to = (location: string, status = 302) => url(`/${status}?to=${encodeURIComponent(location)}`);
const end = (uri: string, allowed: string[] = []) =>
  endOf(uri, { resolve, leadsInward, isAllowed: (one) => allowed.includes(one) });

test('what redirects nowhere is where it leads, and of the bytes none is read', async () => {
  expect(await end(url('/a.img'))).toBe(url('/a.img'));
  expect(await end(url('/none'))).toBe(url('/none')); // the site reads that it is not there
});

test.each([301, 302, 303, 307, 308])('%i is followed, and the site is given the end', async (status) => {
  expect(await end(to(url('/a.img', 'cdn.example'), status))).toBe(url('/a.img', 'cdn.example'));
  expect(asked.map((one) => one.split(' ')[0])).toEqual(['mirror.example', 'cdn.example']);
});

test('a redirect may be relative', async () => {
  expect(await end(to('/b.img'))).toBe(url('/b.img'));
});

test.each([
  'http://169.254.169.254/latest/meta-data',
  'http://inside.example/',
  'http://2130706433/',
  'http://[::ffff:10.0.0.1]/',
  'http://nobody.example/',
  'file:///etc/passwd',
  '//inside.example/',
  'http://cdn.example\\\\@127.0.0.1/',
  'http://a@cdn.example/',
])('a redirect to %s is refused, and nothing is asked there', async (location) => {
  await expect(end(to(location))).rejects.toMatchObject({ kind: 'bad-request' });
  expect(asked).toHaveLength(1);
});

test('an inward URL behind two outward ones is refused too', async () => {
  await expect(end(to(to('http://inside.example/')))).rejects.toThrow('does not pass filtering');
});

test('a redirect without an end is refused', async () => {
  await expect(end(url('/loop'))).rejects.toThrow(`URI for web-download does not pass filtering: ${url('/loop')}`);
  expect(asked).toHaveLength(6);
});

test('what does not answer here cannot be checked, and is refused', async () => {
  await expect(endOf('http://mirror.example:1/', { resolve, leadsInward, isAllowed: () => false })).rejects.toThrow(
    'filtering',
  );
});

test('an operator’s own mirror is not looked at, nor what leads to it', async () => {
  const mirror = 'http://10.0.0.1/a.img';
  expect(await end(mirror, [mirror])).toBe(mirror);
  expect(await end(to(mirror), [mirror])).toBe(mirror);
});

test('a name that changes its mind after the check leads nowhere else', async () => {
  // The connection is made to the address that was checked: the name itself resolves to nothing at all here.
  expect(await end(url('/pinned', 'cdn.example'))).toBe(url('/pinned', 'cdn.example'));
});
