import { expect, test } from 'vitest';
import { requireOutward, uriIn } from './import-uri.js';

const names: Record<string, string[]> = {
  'images.example': ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  'inside.example': ['10.1.2.3'],
  'both.example': ['93.184.215.14', '::1'],
  localhost: ['127.0.0.1'],
};
const resolve = async (host: string) => names[host] ?? Promise.reject(new Error('ENOTFOUND'));

test.each(['http://images.example/a.img', 'https://93.184.215.14/a.img', 'http://[2606:2800:21f::1]:8080/a'])(
  '%s may be fetched',
  async (uri) => expect((await requireOutward(uri, resolve)).url.href).toBe(uri),
);

test.each([
  ['loopback', 'http://127.0.0.1/'],
  ['loopback in decimal', 'http://2130706433/'],
  ['loopback in octal', 'http://0177.0.0.1/'],
  ['loopback in hexadecimal', 'http://0x7f.1/'],
  ['loopback with a dot behind', 'http://127.0.0.1./'],
  ['this host', 'http://0/'],
  ['link-local, where clouds keep metadata', 'http://169.254.169.254/latest/meta-data'],
  ['private', 'http://10.0.0.1/'],
  ['private', 'http://172.31.255.255/'],
  ['private', 'http://192.168.1.1/'],
  ["a carrier's", 'http://100.64.0.1/'],
  ['loopback of IPv6', 'http://[::1]/'],
  ['mapped into IPv6', 'http://[::ffff:127.0.0.1]/'],
  ['mapped into IPv6', 'http://[::ffff:a9fe:a9fe]/'],
  ['compatible with IPv6', 'http://[::127.0.0.1]/'],
  ['through NAT64', 'http://[64:ff9b::7f00:1]/'],
  ['through 6to4', 'http://[2002:7f00:1::]/'],
  ['link-local of IPv6', 'http://[fe80::1]/'],
  ['unique local of IPv6', 'http://[fd00::1]/'],
  ['a name that leads inward', 'http://inside.example/'],
  ['a name that leads inward among others', 'http://both.example/'],
  ['this host by name', 'http://localhost:9292/'],
  ['a name nobody knows here', 'http://glance.internal/'],
  ['another scheme', 'file:///etc/passwd'],
  ['another scheme', 'gopher://images.example/'],
  ['a user before the host', 'http://images.example@127.0.0.1/'],
  ['a backslash', 'http://images.example\\@127.0.0.1/'],
  ['a tab', 'http://images.example\t/'],
  ['nothing', ''],
])('%s is refused: %s', async (_what, uri) => {
  await expect(requireOutward(uri, resolve)).rejects.toThrow('URI for web-download does not pass filtering');
});

test('the URL is that of the method web-download alone', () => {
  const body = (method: object) => Buffer.from(JSON.stringify({ method }));
  expect(uriIn(body({ name: 'web-download', uri: 'http://a/' }))).toBe('http://a/');
  expect(uriIn(body({ name: 'glance-direct', uri: 'http://a/' }))).toBeUndefined();
  expect(uriIn(Buffer.from('no JSON'))).toBeUndefined();
});
