/** What a service says about itself may be anything. */
import { expect, test } from 'vitest';
import { json, type OpenStackResponse } from '../message.js';
import { discoverExtensions, discoverMicroversions } from './discovery.js';
import type { HttpClient } from './http.js';

const answering = (response: OpenStackResponse): HttpClient =>
  ({ send: async () => response }) as unknown as HttpClient;
const rangeIn = (document: unknown) => discoverMicroversions(answering(json(300, document)), 'http://nova', 1000);
const good = { id: 'v2.1', min_version: '2.1', version: '2.104' };
const range = { min: '2.1', max: '2.104' };

test.each<[string, unknown]>([
  ['a list', { versions: [{ id: 'v2.0', min_version: '', version: '' }, good] }],
  ['values', { versions: { values: [good] } }],
  ['one version', { version: good }],
  ['rows of nonsense before it', { versions: [null, 'x', 7, { min_version: 2, version: 3 }, good] }],
])('a range is found in %s', async (_what, document) => {
  expect(await rangeIn(document)).toEqual(range);
});

test.each<[string, unknown]>([
  ['a number', 7],
  ['versions that are a text', { versions: 'x' }],
  ['values that are a number', { versions: { values: 3 } }],
  ['versions that are no versions', { versions: [{ min_version: '2.1', version: 'latest' }] }],
  ['a maximum below the minimum', { versions: [{ min_version: '2.53', version: '2.1' }] }],
  ['numbers', { version: { min_version: 2.1, version: 2.9 } }],
])('%s tell of none', async (_what, document) => {
  expect(await rangeIn(document)).toBeUndefined();
});

test('a page of a balancer tells of none', async () => {
  const page = { status: 502, headers: { 'content-type': 'text/html' }, body: Buffer.from('<html>') };
  expect(await discoverMicroversions(answering(page), 'http://nova', 1000)).toBeUndefined();
  expect(await discoverExtensions(answering(page), 'http://neutron/v2.0/extensions', 't', 1000)).toBeUndefined();
});

test('extensions without an alias are none', async () => {
  const extensions = [{ alias: 'router' }, null, { alias: 7 }, 'qos', { alias: 'agent' }];
  expect(
    await discoverExtensions(answering(json(200, { extensions })), 'http://neutron/v2.0/extensions', 't', 1000),
  ).toEqual(['agent', 'router']);
});
