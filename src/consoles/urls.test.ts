import { expect, test } from 'vitest';
import { fileUrl, isNearHost, socketUrl } from './site-url.js';
import { tenantUrl, tokenAsked } from './tenant-url.js';

const T = 'T'.repeat(43);

test.each([
  ['http://s:6080/vnc_auto.html?path=%3Ftoken%3Dx', 'http://s:6080/?token=x', 'Nova since noVNC 1.1'],
  ['https://s/novnc/vnc.html?path=%3Ftoken%3Dx&resize=scale', 'https://s/novnc/?token=x', 'below a folder'],
  ['http://s:6080/vnc_auto.html?token=x', 'http://s:6080/websockify?token=x', 'Nova before'],
  ['http://s/vnc.html?path=%2Fws%2F7%3Fa%3Db%26token%3Dx', 'http://s/ws/7?a=b&token=x', 'a path from the root'],
  ['wss://s:6083/?token=x', 'https://s:6083/?token=x', 'serial'],
])('%s has its WebSocket at %s (%s)', (page, socket) => {
  expect(socketUrl(new URL(page)).href).toBe(socket);
});

test.each([
  ['https://cloud', `https://cloud/console/${T}/vnc.html?path=console%2F${T}%2F%3Ftoken%3D${T}&resize=scale`],
  [
    'http://c:8/in/a',
    `http://c:8/in/a/console/${T}/vnc.html?path=in%2Fa%2Fconsole%2F${T}%2F%3Ftoken%3D${T}&resize=scale`,
  ],
])('a page below %s', (root, url) => {
  const page = new URL('http://s:6080/vnc.html?path=%3Ftoken%3Dx&host=s&port=6080&encrypt=0&resize=scale');
  expect(tenantUrl(page, T, root)).toBe(url);
});

test('a WebSocket is as safe as the cloud', () => {
  expect(tenantUrl(new URL('ws://s:6083/?token=x'), T, 'https://cloud/in')).toBe(
    `wss://cloud/in/console/${T}/?token=${T}`,
  );
});

test.each([
  [`/console/${T}/`, undefined, T],
  [`/websockify?token=${T}`, undefined, T],
  [`/console/${T}/?token=bad${T}`, undefined, undefined],
  ['/', `token="${T}"; x=y`, T],
  ['/', `mytoken=${T}`, undefined],
  ['/console/../', undefined, undefined],
])('%s with the cookie %s asks for %s', (url, cookie, token) => {
  expect(tokenAsked(url, cookie)).toBe(token);
});

test.each([
  ['app/ui.js', 'http://s/n/app/ui.js'],
  ['vnc.html', 'http://s/n/vnc.html?path=x'],
  ['../secret', undefined],
  ['a/%2e%2e/../../secret', undefined],
  ['..%2fsecret', undefined],
  ['http://evil/', 'http://s/n/http://evil/'],
])('the file %s is at %s', (file, url) => {
  expect(fileUrl(new URL('http://s/n/vnc.html?path=x'), file)?.href).toBe(url);
});

test.each(['127.0.0.1', '127.9.9.9', '[::1]', 'localhost', '169.254.169.254', '0.0.0.0', '[::ffff:127.0.0.1]'])(
  '%s is another host for us than for the site',
  (host) => expect(isNearHost(new URL(`http://${host}:6080/`))).toBe(true),
);

test.each(['10.0.0.7', 'console.site1.example', '[2001:db8::1]'])('%s is the same host for all', (host) =>
  expect(isNearHost(new URL(`http://${host}:6080/`))).toBe(false),
);
