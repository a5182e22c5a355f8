import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Router } from '@cascade/openstack-protocol/server/router.js';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import type { World } from '../routing/world.js';
import { volumeKinds } from './kinds.js';
import { volumeRoutes } from './routes.js';

// Nothing is asked of the world while the table is made.
const routes = volumeRoutes({ kinds: new Map(volumeKinds.map((kind) => [kind.name, kind])) } as unknown as World);

/** Method and path of every row of Cinder in the API reference; the version documents are the front door's. */
const documented = readFileSync(new URL('../../test/api-endpoints.tsv', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => line.split('\t'))
  .filter(([service, , path]) => service === 'cinder' && path !== '/' && path !== '/v3')
  .map(([, method = '', path = '']) => ({ method, path }));

describe('the route table', () => {
  const router = new Router(routes, serviceOf('volume').unrouted);

  test('the API reference is there to compare with', () => {
    expect(documented).toHaveLength(171);
  });

  test.each(documented)('$method $path is answered', ({ method, path }) => {
    const below = path.replace(/^\/v3(\/\{(admin_)?project_id\})?(?=\/)/, '');
    const { route } = router.find(method, below.replace(/\{[^}]*\}/g, 'd3b98c2e'));
    const shape = (text: string) =>
      text.replace(/\{[^}]*\}|disable-log-reason|enable|disable|freeze|thaw|failover_host/g, '{}');
    expect(shape(route.path)).toBe(shape(below));
  });

  test('a path that Cinder does not have, and a method that a path does not have, are both not found', () => {
    for (const [method = '', path = ''] of [
      ['PATCH', '/volumes/d3b98c2e'],
      ['HEAD', '/volumes'],
      ['GET', '/volumes/'],
    ]) {
      expect(() => router.find(method, path)).toThrow(expect.objectContaining({ kind: 'not-found' }));
    }
  });
});
