/** What flavors cost a site in which nothing changes, and that what does change is found all the same. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestCascade, type TestCascade } from '../../../test/cascade.js';
import type { Site, SiteRequest } from '../../sites/site.js';
import { reconcileKinds } from '../../globals/reconcile.js';
import { flavors } from './flavor-kind.js';

let cloud: TestCascade;
/** The site, and what it is asked through this door: the cascade's own reconciler asks beside us. */
let east: Site;
const asked: string[] = [];
const privates = ['p1', 'p2', 'p3'];

beforeAll(async () => {
  cloud = await startTestCascade({}, ['east']);
  for (const id of ['f1', 'f2', 'f3']) cloud.east.put('flavors', flavor(id, true));
  for (const id of privates) cloud.east.put('flavors', flavor(id, false));
  const site = cloud.cascade.world.sites.byName('east')!;
  east = Object.create(site, {
    request: {
      value: (request: SiteRequest) => {
        asked.push(`${request.method} ${request.path}`);
        return site.request(request);
      },
    },
  }) as Site;
  await reconcile();
});
afterAll(() => cloud.close());
beforeEach(() => {
  asked.splice(0);
  cloud.east.server.requests.splice(0);
});

function flavor(id: string, isPublic: boolean) {
  return {
    id,
    name: id,
    vcpus: 1,
    ram: 512,
    disk: 1,
    'os-flavor-access:is_public': isPublic,
    created_at: '2026-01-01T00:00:00Z',
    extra_specs: {},
    flavor_access: isPublic ? [] : [{ flavor_id: id, tenant_id: cloud.project }],
    updated_at: '2026-01-01T00:00:00Z',
  };
}
const reconcile = () => reconcileKinds(cloud.cascade.world, east, [flavors]);

test('a round costs a list and one question about one private flavor, each in its turn', async () => {
  const { length } = privates;
  for (let round = 0; round < length; round += 1) await reconcile();
  expect(asked.filter((line) => line === 'GET /flavors/detail')).toHaveLength(length);
  expect(asked.flatMap((line) => /flavors\/(\w+)\/os-flavor-access/.exec(line)?.[1] ?? []).sort()).toEqual(privates);
  expect(asked).toHaveLength(2 * length);
});

test('a project that was let in at the site alone is let out again within a turn', async () => {
  cloud.east.change('p2', { flavor_access: [cloud.project, 'stranger'].map((tenant_id) => ({ tenant_id })) });
  for (let round = 0; round < privates.length; round += 1) await reconcile();
  const actions = cloud.east.server.requestsLike(/POST .*\/flavors\/p2\/action/).map(({ body }) => body);
  expect(actions).toContainEqual({ removeTenantAccess: { tenant: 'stranger' } });
  cloud.east.change('p2', flavor('p2', false));
});

test("a flavor whose access was changed through the cascade is looked at at once, whoever's turn it is", async () => {
  const { globals } = cloud.cascade.world;
  const row = (await globals.find('flavor', 'p3'))!;
  await globals.put('flavor', 'p3', null, { ...row.body, access: [cloud.project, 'guest'] });
  await reconcile();
  expect(cloud.east.server.requestsLike(/POST .*\/flavors\/p3\/action/).map(({ body }) => body)).toContainEqual({
    addTenantAccess: { tenant: 'guest' },
  });
});

test('who may use a private flavor may see who else does; of a public one, or another project is let in to, there is no list', async () => {
  const access = (id: string) => cloud.get(`/compute/v2.1/flavors/${id}/os-flavor-access`);
  const projects = async (id: string) =>
    (await access(id)).body.flavor_access.map(({ tenant_id: project }: { tenant_id: string }) => project) as string[];
  expect(await projects('p1')).toContain(cloud.project);
  const words = async (id: string) => {
    const { status, body } = await access(id);
    return [status, body.itemNotFound.message];
  };
  expect(await words('f1')).toEqual([404, 'Access list not available for public flavors.']);
  const { globals } = cloud.cascade.world;
  const row = (await globals.find('flavor', 'p1'))!;
  await globals.put('flavor', 'p1', null, { ...row.body, access: ['guest'] });
  expect(await words('p1')).toEqual([404, 'Flavor p1 could not be found.']);
});
