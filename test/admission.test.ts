import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Route } from '@cascade/openstack-protocol/server/route.js';
import { computeRoutes } from '../src/compute/routes.js';
import { imageRoutes } from '../src/image/routes.js';
import { networkRoutes } from '../src/network/routes.js';
import type { Admission } from '../src/routing/admission.js';
import type { World } from '../src/routing/world.js';
import { volumeRoutes } from '../src/volume/routes.js';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
let admitted: string[];
const admission: Admission = {
  admit: async ({ kind }) => {
    admitted.push(kind);
    return { settle: async () => undefined, release: async () => undefined };
  },
};

beforeAll(async () => {
  cloud = await startSimulatedCascade({}, {}, { east: '2026.2', west: '2026.2' });
  (cloud.cascade.world as { admission: Admission }).admission = admission;
}, 60_000);
afterAll(() => cloud.close());

const roots = { compute: '/compute/v2.1', volume: '', network: '/network/v2.0', image: '/image/v2' } as const;
const tables = (world: World): [keyof typeof roots, Route[]][] => [
  ['compute', computeRoutes(world)],
  ['volume', volumeRoutes(world)],
  ['network', networkRoutes(world)],
  ['image', imageRoutes(world)],
];

/** Writes that take nothing that a quota counts. Whatever is not among them passes admission. */
const takeNothing: Readonly<Record<keyof typeof roots, readonly RegExp[]>> = {
  compute: [
    /^\/(flavors|os-quota|os-services|os-hosts|os-aggregates)\b/, // what administrators define, and hosts
    /^\/servers\/\{server_id\}\/(remote-consoles|consoles)$/,
    /^\/os-(server-external-events|assisted-volume-snapshots)$/, // other services call them
    // Gone from Nova: 410.
    /^\/os-(agents|cells|certificates|cloudpipe|fixed-ips|floating-ip-dns|floating-ips-bulk|security-group-default-rules)\b/,
    /^\/os-networks\/(add$|\{network_id\}\/action$)/,
  ],
  volume: [
    /^\/(types|group_types|qos-specs|default-types|os-quota-(class-)?sets)\b/,
    /^\/(os-services|os-hosts|clusters|workers)\b/,
  ],
  network: [/^\/(quotas|default-security-group-rules|security-groups-default-statefulness)\b/], // what administrators define
  image: [/^\/cache\/(clean|prune)$/, /^\/metadefs\b/],
};

/** Each method with a body and each path of the tables, about things that there are none of. */
const writes = (routes: readonly Route[]) => routes.filter(({ method }) => ['POST', 'PUT', 'PATCH'].includes(method));

test('every write that may take something passes admission once, and no other does', async () => {
  const { body } = await cloud.admin('GET /identity/v3/projects?name=admin');
  const projectId = String(body.projects[0].id);
  const wrong: string[] = [];
  for (const [service, routes] of tables(cloud.cascade.world)) {
    for (const { method, path, until, since } of writes(routes)) {
      const version = until ?? since;
      admitted = [];
      const root = service === 'volume' ? `/volume/v3/${projectId}` : roots[service];
      const at = path.replace(/\{\w+\}/g, '3c9d2a54-6f0e-4b8e-9a4d-0a3a5a7f5b11');
      const { status } = await cloud.admin(`${method} ${root}${at}`, {}, version && `${service} ${version}`);
      const wanted = takeNothing[service].some((pattern) => pattern.test(path)) ? 0 : 1;
      if (admitted.length !== wanted)
        wrong.push(`${service} ${method} ${path} (${status}): admitted as ${admitted.join(', ') || 'nothing'}`);
    }
  }
  expect(wrong).toEqual([]);
}, 120_000);

test('what is admitted is of the kind that quotas count', async () => {
  const id = '3c9d2a54-6f0e-4b8e-9a4d-0a3a5a7f5b11';
  const kindOf = async (call: string, sent: unknown): Promise<string[]> => {
    admitted = [];
    await cloud.admin(call, sent);
    return admitted;
  };
  expect(await kindOf('POST /compute/v2.1/servers', { server: {} })).toEqual(['server']);
  expect(await kindOf(`POST /compute/v2.1/servers/${id}/action`, { resize: { flavorRef: '1' } })).toEqual(['server']);
  expect(await kindOf('POST /compute/v2.1/os-keypairs', { keypair: { name: 'k' } })).toEqual(['keypair']);
  expect(await kindOf(`POST /volume/v3/volumes/${id}/action`, { 'os-extend': { new_size: 2 } })).toEqual(['volume']);
  expect(await kindOf('POST /volume/v3/manageable_volumes', { volume: { host: 'h' } })).toEqual(['volume']);
  expect(await kindOf(`POST /volume/v3/backups/${id}/restore`, { restore: {} })).toEqual(['backup']);
  expect(await kindOf('POST /network/v2.0/floatingips', { floatingip: {} })).toEqual(['floating_ip']);
  expect(await kindOf('POST /image/v2/tasks', { type: 'import' })).toEqual(['task']);
});
