/**
 * The persona of each route is held against the default policies of Zed, of 2026.1 and of 2026.2, as `extract.py` reads them from the
 * services: what all of them allow a role to do, no row refuses it; what all refuse, no row allows unless the site has the last word.
 */
import { expect, test } from 'vitest';
import { mayAct } from '@cascade/openstack-protocol/server/persona.js';
import type { Route } from '@cascade/openstack-protocol/server/route.js';
import { computeKinds } from '../../src/compute/kinds.js';
import { computeRoutes } from '../../src/compute/routes.js';
import { imageKinds } from '../../src/image/kinds.js';
import { imageRoutes } from '../../src/image/routes.js';
import { networkKinds } from '../../src/network/kinds.js';
import { networkRoutes } from '../../src/network/routes.js';
import { placementRoutes } from '../../src/resource-providers/routes.js';
import type { World } from '../../src/routing/world.js';
import { volumeKinds } from '../../src/volume/kinds.js';
import { volumeRoutes } from '../../src/volume/routes.js';
import { policyFile, policyNames } from './names.js';
import { isOfField, rank, releases, services, shapeOf, type PolicyRow, type Role, type Service } from './releases.js';

// Nothing is asked of the world while the tables are made.
const kinds = [...computeKinds, ...volumeKinds, ...networkKinds, ...imageKinds];
const world = { kinds: new Map(kinds.map((kind) => [kind.name, kind])) } as unknown as World;
const tables: Record<Service, readonly Route[]> = {
  compute: computeRoutes(world),
  volume: volumeRoutes(world),
  network: networkRoutes(world),
  image: imageRoutes(world),
  placement: placementRoutes(world),
};

/** The weakest role that may, by some rule of the operation: each action of a server has one. */
function weakest(rows: readonly PolicyRow[], shape: string): Role | undefined {
  const of = rows.filter(([method, path]) => shapeOf(method, path) === shape);
  const own = of.filter(([, , rule]) => !isOfField(rule));
  const roles = (own.length > 0 ? own : of).map(([, , , role]) => role);
  return roles.sort((a, b) => rank(a) - rank(b))[0];
}

const compared = (Object.keys(tables) as Service[]).flatMap((service) =>
  tables[service].flatMap(({ method, path, needs }) => {
    const shape = shapeOf(method, path);
    const roles = releases.map((release) => weakest(release[service], shape)).filter((role) => role !== undefined);
    if (roles.length === 0) return [];
    const sorted = roles.sort((a, b) => rank(a) - rank(b));
    return [{ row: `${service} ${method} ${path}`, needs, least: sorted[0]!, most: sorted.at(-1)! }];
  }),
);

test('most rows have a policy to compare with', () => {
  expect(compared.length).toBeGreaterThan(500);
});

/** Rows that are stricter than both, and why. */
const stricter: Readonly<Record<string, string>> = {
  'volume POST /volumes/{volume_id}/action': 'one action, os-show_image_metadata, is a read',
  'image GET /tasks': "tasks_api_access, an administrator's, is asked for every task first",
  'image POST /tasks': 'tasks_api_access',
  'image GET /tasks/{task_id}': 'tasks_api_access',
  'image DELETE /tasks/{task_id}': 'tasks_api_access',
};

const unexplained = (rows: readonly { row: string }[], reasons: Readonly<Record<string, string>>): string[] =>
  rows.map(({ row }) => row).filter((row) => reasons[row] === undefined);

test('no row is stricter than the policies of both releases', () => {
  const found = compared.filter(({ needs, most }) => rank(needs) > rank(most));
  expect(unexplained(found, stricter)).toEqual([]);
  expect(
    unexplained(
      Object.keys(stricter).map((row) => ({ row })),
      Object.fromEntries(found.map(({ row }) => [row, ''])),
    ),
  ).toEqual([]);
});

test('what one release allows beyond the roles of the other is passed to the site, which has the last word', () => {
  // A reader reads: Zed's old defaults ask for no role at all.
  const found = compared.filter(({ needs, least }) => rank(needs) > rank(least) && rank(needs) > rank('member'));
  expect(unexplained(found, stricter)).toEqual([]);
});

/** Rows that answer by themselves and are laxer than both, which none may be; all others ask a site in the caller's name. */
const asksASite =
  /^(network|image) |^compute (GET \/os-migrations|GET \/servers\/\{server_id\}\/diagnostics)$|^volume (GET \/(types|group_types|qos-specs|os-quota-class-sets)\b|POST \/(backups|group_snapshots)\/\{\w+\}\/action$)/;

test('no row that answers by itself is laxer than the policies of both releases', () => {
  const found = compared.filter(({ needs, least }) => rank(needs) < rank(least));
  expect(found.filter(({ row }) => !asksASite.test(row))).toEqual([]);
});

const newest = releases.at(-1)!;

/** What services may not do through the cascade though they may do it at a site, and why. */
const notForServices: Readonly<Record<string, string>> = {
  'image GET /tasks': "tasks_api_access, an administrator's, is asked for every task first",
  'image POST /tasks': 'tasks_api_access',
  'image GET /tasks/{task_id}': 'tasks_api_access',
  'image DELETE /tasks/{task_id}': 'tasks_api_access',
};

test('what the role of services alone may do by the policies of 2026.2, it may ask the cascade for', () => {
  const kept = (Object.keys(tables) as Service[]).flatMap((service) =>
    tables[service]
      .filter(({ method, path, needs }) => {
        const shape = shapeOf(method, path);
        const of = newest[service].filter(([verb, below, rule]) => shapeOf(verb, below) === shape && !isOfField(rule));
        return of.some(([, , , , may]) => may === 'service') && !mayAct({ roles: ['service'] }, needs);
      })
      .map(({ method, path }) => ({ row: `${service} ${method} ${path}` })),
  );
  expect(unexplained(kept, notForServices)).toEqual([]);
  expect(kept.map(({ row }) => row).sort()).toEqual(Object.keys(notForServices).sort());
});

test('what a manager may do by the policies of 2026.2, a manager may ask the cascade for', () => {
  const refused = (Object.keys(tables) as Service[]).flatMap((service) =>
    tables[service]
      .filter(({ method, path, needs }) => {
        const role = weakest(newest[service], shapeOf(method, path));
        return role !== undefined && rank(role) <= rank('manager') && !mayAct({ roles: ['manager'] }, needs);
      })
      .map(({ method, path }) => ({ row: `${service} ${method} ${path}` })),
  );
  expect(unexplained(refused, stricter)).toEqual([]);
});

test.each(services)('the names of the policies of %s are those of the services', async (service) => {
  const file = `../../packages/openstack-protocol/src/policies/${service}.ts`;
  await expect(await policyFile(service)).toMatchFileSnapshot(file);
});

/** Of what Nova and Cinder have given up, or pass on to another service, no policy is known. */
const withoutPolicy =
  /^compute \w+ \/(os-volumes_boot|images|os-networks|os-tenant-networks)\b|^volume \w+ \/(consistencygroups|cgsnapshots|os-services\/[gs]et-log)\b/;
/** Rows that may be refused, and have no policy that is named after them. */
const unnamed = (['compute', 'volume'] as const).flatMap((service) => {
  const names = policyNames(service);
  return tables[service]
    .filter(({ needs }) => needs !== 'reader')
    .map(({ method, path }) => shapeOf(method, path))
    .filter((shape) => !Object.keys(names).some((name) => name === shape || name.startsWith(`${shape} (`)))
    .map((shape) => `${service} ${shape}`)
    .filter((row) => !withoutPolicy.test(row));
});

test('rows that may be refused have the name of their policy', () => {
  expect(unnamed).toEqual([]);
});
