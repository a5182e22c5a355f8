/** Nova's own schemas stand before every row that has one. */
import { expect, test } from 'vitest';
import { novaSchemas } from './request-schemas.js';

const query = (route: string, minor: number, text: string) => () =>
  novaSchemas.checkQuery(route, minor, new URLSearchParams(text));
const body = (route: string, minor: number, value: unknown) => () => novaSchemas.checkBody(route, minor, value);
const unexpected = "Additional properties are not allowed ('colour' was unexpected)";

test.each([
  'servers',
  'servers/detail',
  'flavors',
  'os-keypairs',
  'os-server-groups',
  'os-services',
  'os-simple-tenant-usage',
  'limits',
  'servers/{id}/os-volume_attachments',
])('%s: unknown query parameters are refused from 2.75 on', (list) => {
  expect(query(`GET /${list}`, 74, 'colour=red')).not.toThrow();
  // Where a schema has patterns of names, it says which.
  expect(query(`GET /${list}`, 75, 'colour=red')).toThrow(/^('colour' does not match any|Additional properties)/);
});

// Since their pages came.
test.each([
  ['os-hypervisors', 53],
  ['os-migrations', 59],
  ['servers/{server_id}/os-instance-actions', 58],
])('%s: unknown query parameters are refused from 2.%i on', (list, since) => {
  expect(query(`GET /${list}`, since, 'colour=red')).toThrow(unexpected);
});

test('bodies of actions, at the microversions that have a schema of them', () => {
  const lock = 'POST /servers/{id}/action#lock';
  expect(body(lock, 72, { lock: { colour: 1 } })).not.toThrow();
  expect(body(lock, 73, { lock: { colour: 1 } })).toThrow(unexpected);
  expect(body('POST /servers/{id}/action#os-resetState', 93, { 'os-resetState': { state: 'x' } })).toThrow(
    "'x' is not",
  );
});

test('numbers that come as text are within their bounds, too', () => {
  const flavor = { name: 'f', ram: '0', vcpus: 1, disk: 1 };
  expect(body('POST /flavors', 93, { flavor })).toThrow('0 is less than the minimum of 1');
  expect(body('POST /flavors', 93, { flavor: { ...flavor, ram: '2147483648' } })).toThrow(
    'is greater than the maximum',
  );
});

test('every schema compiles', () => {
  for (const route of novaSchemas.routes) {
    for (let minor = 1; minor <= 93; minor += 1) {
      const [method] = route.split(' ');
      try {
        if (method === 'GET') novaSchemas.checkQuery(route, minor, new URLSearchParams('colour=red'));
        else novaSchemas.checkBody(route, minor, { colour: 'red' });
      } catch (error) {
        expect((error as { kind?: string }).kind, route).toBe('bad-request');
      }
    }
  }
});
