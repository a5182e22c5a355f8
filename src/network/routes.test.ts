import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Router } from '@cascade/openstack-protocol/server/router.js';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import type { World } from '../routing/world.js';
import { collections } from './collections.js';
import { networkKinds } from './kinds.js';
import { networkRoutes } from './routes.js';

// Nothing is asked of the world while the table is made.
const routes = networkRoutes({ kinds: new Map(networkKinds.map((kind) => [kind.name, kind])) } as unknown as World);

/** Method and path of every row of Neutron in the API reference. */
const documented = readFileSync(new URL('../../test/api-endpoints.tsv', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => line.split('\t'))
  .filter(([service]) => service === 'neutron')
  .map(([, method = '', path = '']) => ({ method, path }));

describe('the route table', () => {
  const router = new Router(routes, serviceOf('network').unrouted);

  test('the API reference is there to compare with', () => {
    expect(documented.length).toBeGreaterThan(350);
  });

  test.each(documented.filter(({ path }) => path !== '/'))('$method $path is answered', ({ method, path }) => {
    // The reference's `/v1.0/sfc` never was: networking-sfc is below /v2.0 like all else.
    const below = path.replace(/^\/v[12]\.0/, '') || '/';
    const example = below.replace('{resource_type}', 'networks').replace(/\{[^}]*\}/g, 'd3b98c2e');
    const { route } = router.find(method, example);
    const shape = (text: string) => text.replace(/\{[^}]*\}/g, '{}');
    expect(shape(route.path)).toBe(shape(below.replace('{resource_type}', 'networks')));
  });

  test('a reader reads and cannot write', () => {
    expect(routes.filter(({ method, needs }) => (method === 'GET') !== (needs === 'reader'))).toEqual([]);
  });

  test.each([
    'networks',
    'subnets',
    'ports',
    'routers',
    'floatingips',
    'security-groups',
    'subnetpools',
    'trunks',
    'policies',
  ])('%s have tags', (word) => {
    expect(() => router.find('PUT', `/${word}/d3b98c2e/tags/red`)).not.toThrow();
  });

  test('what Neutron does not have is 404 or 405', () => {
    expect(() => router.find('GET', '/elephants')).toThrow('could not be found');
    expect(() => router.find('PUT', '/security-group-rules/d3b98c2e')).toThrow('could not comply');
  });
});

describe('the table of collections', () => {
  test('every reference is to a kind that somebody declares', () => {
    const kinds = new Set(networkKinds.map((kind) => kind.name));
    const named = collections.flatMap(({ fields, actions = {}, nested = [] }) =>
      [fields, ...Object.values(actions), ...nested.map((inner) => inner.fields)]
        .flat()
        .flatMap(({ kind }) => (typeof kind === 'string' ? [kind] : [])),
    );
    expect(named.filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  test('kinds are named once', () => {
    const names = collections.map(({ kind }) => kind);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  test('feeds ask for changes only where the site tells times', () => {
    const feed = networkKinds.find((kind) => kind.name === 'port')?.feed;
    const site = (...networkExtensions: string[]) => ({ endpoints: {}, microversions: {}, networkExtensions });
    const since = new Date('2026-01-02T03:04:05.678Z');
    expect(feed?.changed?.(since, site())).toBeUndefined();
    expect(feed?.changed?.(since, site('standard-attr-timestamp'))).toEqual([
      { changed_since: '2026-01-02T03:04:05Z' },
    ]);
  });

  test('RBAC policies are read where there are any', () => {
    const offered = networkKinds.find((kind) => kind.name === 'rbac_policy')?.feed?.offered;
    expect(offered?.({ endpoints: {}, microversions: {}, networkExtensions: [] })).toBe(false);
    expect(offered?.({ endpoints: {}, microversions: {}, networkExtensions: ['rbac-policies'] })).toBe(true);
  });
});
