/** The services' own schemas stand before every row that has one. */
import { expect, test } from 'vitest';
import { isFormat } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { cinderSchemas, novaSchemas } from './request-schemas.js';

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

test('formats of Cinder say what they want in words of their own', () => {
  const reset = 'POST /volumes/{id}/action#os-reset_status';
  const refusal = (value: object) => () => cinderSchemas.checkBody(reset, 70, { 'os-reset_status': value });
  expect(refusal({ status: 'error' })).not.toThrow();
  expect(refusal({})).toThrow(/^Must specify 'status'/);
  expect(refusal({ attach_status: 'x' })).toThrow("valid statuses are: ['attached', 'detached'].");
  expect(() => cinderSchemas.checkBody('PUT /os-services/set-log', 32, { level: 'loud' })).toThrow(
    'Invalid input received: loud is not a valid log level.',
  );
});

test.each([novaSchemas, cinderSchemas])('every schema of %# compiles, and its formats are known', (schemas) => {
  expect(schemas.formats.filter((name) => !isFormat(name))).toEqual([]);
  for (const route of schemas.routes) {
    for (let minor = 1; minor <= 93; minor += 1) {
      const [method] = route.split(' ');
      try {
        if (method === 'GET') schemas.checkQuery(route, minor, new URLSearchParams('colour=red'));
        else schemas.checkBody(route, minor, { colour: 'red' });
      } catch (error) {
        expect((error as { kind?: string }).kind, route).toBe('bad-request');
      }
    }
  }
});
