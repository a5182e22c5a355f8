/** Which of a shared Keystone's services tenants see beside the cascade's own. */
import { expect, test } from 'vitest';
import { servicesBeside } from './catalog.js';

const service = (type: string, ...regions: string[]) => ({
  id: type,
  type,
  name: type,
  endpoints: regions.map((region) => ({ region, region_id: region, interface: 'public', url: `http://${region}` })),
});
const shown = (...catalog: unknown[]): Record<string, string[]> =>
  Object.fromEntries(
    (servicesBeside(catalog, (region) => region === 'East') as ReturnType<typeof service>[]).map((one) => [
      one.type,
      one.endpoints.map(({ region }) => region),
    ]),
  );

test("of other types, and in regions that are no site's", () => {
  expect(
    shown(service('orchestration', 'RegionOne', 'East'), service('dns', 'East'), service('compute', 'RegionOne')),
  ).toEqual({
    orchestration: ['RegionOne'],
  });
});

test('one without endpoints is shown, as Keystone shows it, and one that has them in sites alone is not', () => {
  expect(shown(service('orchestration'), service('dns', 'East'), service('volumev2'))).toEqual({ orchestration: [] });
});

test("a region below a site's is one of its own", () => {
  expect(shown(service('object-store', 'East-1'))).toEqual({ 'object-store': ['East-1'] });
});

test('what is no service is left out', () => {
  expect(shown(null, 'x', { type: 'dns' }, { type: 'dns', endpoints: [null, 7] })).toEqual({});
});
