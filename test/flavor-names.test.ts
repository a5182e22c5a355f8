/** A flavor's name that is given again after its deletion: lists show each server with the flavor that it was made with. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulatedCascade, type Ask, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
let tenant: Ask & { readonly projectId: string };

beforeAll(async () => {
  cloud = await startSimulatedCascade();
  tenant = await cloud.tenant('renamers');
}, 120_000);
afterAll(() => cloud.close());

const servers = '/compute/v2.1/servers';
const v21 = 'compute 2.1';

const makeFlavor = (id: string, ram: number) =>
  cloud.admin('POST /compute/v2.1/flavors', { flavor: { id, name: 'again', vcpus: 1, ram, disk: 1 } });

async function boot(flavorRef: string): Promise<string> {
  const imageRef = cloud.east.cloud.images.initialIds[0];
  const server = { name: `with-${flavorRef}`, flavorRef, imageRef, networks: 'none', availability_zone: 'east' };
  const { body, text, status } = await tenant(`POST ${servers}`, { server });
  if (status !== 202) throw new Error(text);
  const id = body.server.id as string;
  await cloud.until(
    () => tenant(`GET ${servers}/${id}`),
    (answer) => answer.server.status === 'ACTIVE',
  );
  return id;
}

test.each([
  ['of other measures', 64, 128],
  ['of the same measures', 64, 64],
])(
  'made again %s',
  async (_what, before, after) => {
    const [old, young] = [`old-${after}`, `young-${after}`];
    await makeFlavor(old, before);
    const first = await boot(old);
    // Nova's times are whole seconds.
    await new Promise((go) => setTimeout(go, 1_100));
    expect((await cloud.admin(`DELETE /compute/v2.1/flavors/${old}`)).status).toBe(202);
    await makeFlavor(young, after);
    await new Promise((go) => setTimeout(go, 1_100));
    const second = await boot(young);
    const { body } = await tenant(`GET ${servers}/detail`, undefined, v21);
    const listed = new Map(
      (body.servers as { id: string; flavor: { id: string } }[]).map((one) => [one.id, one.flavor.id]),
    );
    for (const [id, flavor] of [
      [first, old],
      [second, young],
    ] as const) {
      expect((await tenant(`GET ${servers}/${id}`, undefined, v21)).body.server.flavor.id).toBe(flavor);
      expect(listed.get(id)).toBe(flavor);
    }
    const found = async (flavor: string) =>
      (await tenant(`GET ${servers}?flavor=${flavor}`)).body.servers.map(({ id }: { id: string }) => id) as string[];
    expect(await found(young)).toEqual([second]);
    expect(await found(old)).toEqual([]); // Nova finds none by a flavor that is no longer there
    await cloud.admin(`DELETE /compute/v2.1/flavors/${young}`);
  },
  30_000,
);
