import { expect, test } from 'vitest';
import { mayReach } from './access-rules.js';
import { serviceOf } from '../services.js';

const rule = (path: string) => [{ service: 'compute', method: 'GET', path }];
const reaches = (pattern: string, path: string) => mayReach(rule(pattern), serviceOf('compute'), 'GET', path);

// As keystonemiddleware 10.1 of Zed answers, but where a comment says otherwise.
test.each([
  ['/v2.1/servers', '/v2.1/servers', true],
  ['/v2.1/servers', '/v2.1/servers/', false],
  ['/v2.1/servers', '/v2.1/Servers', false],
  ['/v2.1/servers', '/v2/servers', false],
  ['/v2.1/servers', '/v2.1/servers/1', false],
  ['/v2.1/servers', '/v2x1/servers', false], // there a dot stands for any letter
  ['/v2.1/servers/*', '/v2.1/servers/1', true],
  ['/v2.1/servers/*', '/v2.1/servers/', false],
  ['/v2.1/servers/*', '/v2.1/servers/1/ips', false],
  ['/v2.1/servers/{server_id}/ips', '/v2.1/servers/1/ips', true],
  ['/v2.1/servers/{server_id}/ips', '/v2.1/servers//ips', false],
  ['/v2.1/*/servers', '/v2.1/0123/servers', true],
  ['/v2.1/s*s', '/v2.1/servers', true],
  ['/v2.1/**', '/v2.1/servers/1/ips', true],
  ['/v2.1/**', '/v2.1/', true],
  ['/v2.1/**', '/v2.1', false],
  ['/**/ips', '/v2.1/servers/1/ips', true],
  ['/**/ips', '/v2.1/servers/1/ips/x', false],
  ['/v2.1/***', '/v2.1/servers', true],
  ['/v2.1/***', '/v2.1/servers/', false],
  ['/v2.1/servers/{id', '/v2.1/servers/id', true],
  ['/v2.1/servers/(', '/v2.1/servers/(', true], // there an error
  ['/v2.1/servers', '/v2.1/%73ervers', true],
  ['/v2.1/servers/*', '/v2.1/servers/1%2Fips', false],
  ['/v2.1/servers/*/ips', '/v2.1/servers/1%2fips', true],
  ['/v2.1/servers/*', '/v2.1/servers/1%252Fips', true],
  ['/v2.1/servers/a b', '/v2.1/servers/a%20b', false],
  ['/v2.1/servers/a%20b', '/v2.1/servers/a%20b', true],
  ['/v2.1/servers/%C3%A4', '/v2.1/servers/%c3%a4', true],
  ['/v2.1/servers', '/v2.1/servers%0A', false],
])('%s lets through %s: %s', (pattern, path, expected) => expect(reaches(pattern, path)).toBe(expected));

test('another method and another service are refused, and all without a rule', () => {
  expect(mayReach(rule('/**'), serviceOf('compute'), 'POST', '/v2.1/servers')).toBe(false);
  expect(mayReach(rule('/**'), serviceOf('compute'), 'HEAD', '/v2.1/servers')).toBe(false);
  expect(mayReach(rule('/**'), serviceOf('network'), 'GET', '/v2.0/networks')).toBe(false);
  expect(mayReach([], serviceOf('compute'), 'GET', '/v2.1/servers')).toBe(false);
  expect(mayReach(undefined, serviceOf('compute'), 'GET', '/v2.1/servers')).toBe(true);
});

test.each(['volumev3', 'volume', 'block-storage', 'block-store'])('Cinder is meant by %s', (service) => {
  const rules = [{ service, method: 'GET', path: '/v3/**' }];
  expect(mayReach(rules, serviceOf('volume'), 'GET', '/v3/p/volumes')).toBe(true);
});

test('no pattern is slow, however many stars it has', () => {
  const start = process.cpuUsage();
  expect(reaches(`/${'**a'.repeat(74)}`, `/${'a'.repeat(16_000)}b`)).toBe(false);
  // Microseconds of this process alone, however busy the machine is.
  expect(process.cpuUsage(start).user).toBeLessThan(5e6);
});
