import { expect, test } from 'vitest';
import { mayReach } from './access-rules.js';
import { serviceOf } from './service.js';

const rule = (path: string) => [{ service: 'compute', method: 'GET', path }];
const reaches = (pattern: string, path: string) => mayReach(rule(pattern), serviceOf('compute'), 'GET', path);

test.each([
  ['/v2.1/servers', '/v2.1/servers', true],
  ['/v2.1/servers', '/v2.1/servers/1', false],
  ['/v2.1/servers', '/v2x1/servers', false],
  ['/v2.1/servers/*', '/v2.1/servers/1', true],
  ['/v2.1/servers/*', '/v2.1/servers/1/ips', false],
  ['/v2.1/servers/{server_id}/ips', '/v2.1/servers/1/ips', true],
  ['/v2.1/**', '/v2.1/servers/1/ips', true],
  ['/v2.1/servers/(', '/v2.1/servers/(', true],
])('%s lets through %s: %s', (pattern, path, expected) => expect(reaches(pattern, path)).toBe(expected));

test('another method and another service are refused, and all without a rule', () => {
  expect(mayReach(rule('/**'), serviceOf('compute'), 'POST', '/v2.1/servers')).toBe(false);
  expect(mayReach(rule('/**'), serviceOf('network'), 'GET', '/v2.0/networks')).toBe(false);
  expect(mayReach([], serviceOf('compute'), 'GET', '/v2.1/servers')).toBe(false);
  expect(mayReach(undefined, serviceOf('compute'), 'GET', '/v2.1/servers')).toBe(true);
});

test('a service is meant by any of its types', () => {
  const rules = [{ service: 'volumev3', method: 'GET', path: '/v3/**' }];
  expect(mayReach(rules, serviceOf('volume'), 'GET', '/v3/p/volumes')).toBe(true);
});
