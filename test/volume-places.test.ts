/** Where volumes go, and what is said where a volume and something else are in different zones. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
let ann: Awaited<ReturnType<SimulatedCascade['tenant']>>;
let bob: Awaited<ReturnType<SimulatedCascade['tenant']>>;
beforeAll(async () => {
  cloud = await startSimulatedCascade();
  [ann, bob] = [await cloud.tenant('ann'), await cloud.tenant('bob')];
  await cloud.cascade.world.capacities.storage.refresh(() => true);
});
afterAll(() => cloud.close());

type Zone = 'east' | 'west';
const other = (zone: Zone): Zone => (zone === 'east' ? 'west' : 'east');
const create = (volume: object, more: object = {}, ask = ann) =>
  ask('POST /volume/v3/volumes', { volume: { size: 1, ...volume }, ...more });
const available = (path: string, ask = ann) =>
  cloud.until(
    () => ask(`GET /volume/v3${path}`),
    (body) => (Object.values(body)[0] as { status: string }).status === 'available',
  );

/** A volume that is there: `await volumeIn('west')`. */
async function volumeIn(zone: Zone, more: object = {}, ask = ann): Promise<string> {
  const { body } = await create({ availability_zone: zone, ...more }, {}, ask);
  await available(`/volumes/${body.volume.id}`, ask);
  return body.volume.id;
}

async function below(collection: string, key: string, body: object, ask = ann): Promise<string> {
  const answer = await ask(`POST /volume/v3/${collection}`, { [key]: body });
  await available(`/${collection}/${answer.body[key].id}`, ask);
  return answer.body[key].id;
}

let flavorRef: string;
let imageRef: string;
beforeAll(async () => {
  flavorRef = (await cloud.admin('GET /compute/v2.1/flavors')).body.flavors[0].id;
  imageRef = cloud.east.cloud.images.initialIds[0]!; // the same in both
});
const boot = (server: object, ask = ann) =>
  ask('POST /compute/v2.1/servers', { server: { name: 's', flavorRef, networks: 'none', ...server } });
async function serverIn(zone: Zone): Promise<string> {
  const { body } = await boot({ availability_zone: zone, imageRef });
  await cloud.until(
    () => ann(`GET /compute/v2.1/servers/${body.server.id}`),
    ({ server }) => server.status === 'ACTIVE',
  );
  return body.server.id;
}
const osAttach = (server: string) => ({ 'os-attach': { instance_uuid: server, mountpoint: '/dev/vdb' } });
const words = ({ body }: { body: Record<string, { message: string }> }) => Object.values(body)[0]!.message;

describe.each(['east', 'west'] as const)('what a volume names in %s pins it there', (zone) => {
  test('a snapshot, a volume and a backup', async () => {
    const volume = await volumeIn(zone);
    const snapshot = await below('snapshots', 'snapshot', { volume_id: volume });
    const backup = await below('backups', 'backup', { volume_id: volume });
    for (const source of [{ snapshot_id: snapshot }, { source_volid: volume }, { backup_id: backup }]) {
      const { status, body } = await create(source);
      expect([status, body.volume?.availability_zone]).toEqual([202, zone]);
      const elsewhere = await create({ ...source, availability_zone: other(zone) });
      expect(elsewhere.status).toBe(400);
      expect(words(elsewhere)).toMatch(
        new RegExp(`${zone}, but availability zone ${other(zone)} was asked for. Volumes,`),
      );
    }
  });

  test('the hints same_host and local_to_instance, not different_host', async () => {
    const [volume, server] = [await volumeIn(zone), await serverIn(zone)];
    const hinted = async (hints: object, wanted?: Zone) =>
      create({ ...(wanted ? { availability_zone: wanted } : {}) }, { 'OS-SCH-HNT:scheduler_hints': hints });
    for (const hints of [{ same_host: volume }, { same_host: [volume] }, { local_to_instance: server }]) {
      expect((await hinted(hints)).body.volume.availability_zone).toBe(zone);
      expect((await hinted(hints, other(zone))).status).toBe(400);
    }
    const far = await hinted({ different_host: [volume] }, other(zone));
    expect([far.status, far.body.volume?.availability_zone]).toEqual([202, other(zone)]);
  });
});

describe('a volume and a server in different zones', () => {
  let volume: string;
  let server: string;
  beforeAll(async () => {
    [volume, server] = [await volumeIn('west'), await serverIn('east')];
  });
  const both = /west.*east.*upload the volume .* to an image, and create a volume from that image there\.$/;

  test('do not come together: both zones are named, and what can be done', async () => {
    const attach = await ann(`POST /compute/v2.1/servers/${server}/os-volume_attachments`, {
      volumeAttachment: { volumeId: volume },
    });
    expect([attach.status, words(attach)]).toEqual([400, expect.stringMatching(both)]);
    expect(words(attach)).toContain(`server ${server} is in availability zone east`);
    const attachment = { volume_uuid: volume, instance_uuid: server };
    const reserve = await ann('POST /volume/v3/attachments', { attachment });
    expect([reserve.status, words(reserve)]).toEqual([400, expect.stringMatching(both)]);
    const old = await ann(`POST /volume/v3/volumes/${volume}/action`, osAttach(server));
    expect([old.status, words(old)]).toEqual([400, expect.stringMatching(/east.*west/)]);
    expect((await ann(`GET /volume/v3/volumes/${volume}`)).body.volume.status).toBe('available');
  });

  test('are refused in a boot, by whatever names the volume', async () => {
    const device = { source_type: 'volume', destination_type: 'volume', uuid: volume, boot_index: 1 };
    for (const mapping of [
      { block_device_mapping_v2: [device] },
      { block_device_mapping: [{ volume_id: volume, device_name: 'vdb' }] },
    ]) {
      const asked = await boot({ imageRef, availability_zone: 'east', ...mapping });
      expect([asked.status, words(asked)]).toEqual([400, expect.stringMatching(both)]);
    }
  });
});

describe('a boot from storage', () => {
  test('several devices in one request go to their zone, and with the server what is to go with it', async () => {
    const root = await volumeIn('west', { imageRef });
    const data = await volumeIn('west');
    const snapshot = await below('snapshots', 'snapshot', { volume_id: data });
    const to = 'volume';
    const { status, body } = await boot({
      block_device_mapping_v2: [
        { source_type: 'volume', destination_type: to, uuid: root, boot_index: 0, delete_on_termination: true },
        { source_type: 'volume', destination_type: to, uuid: data, boot_index: -1, delete_on_termination: false },
        { source_type: 'snapshot', destination_type: to, uuid: snapshot, boot_index: -1, delete_on_termination: true },
        { source_type: 'blank', destination_type: to, volume_size: 2, boot_index: -1, delete_on_termination: true },
      ],
    });
    expect(status).toBe(202);
    const path = `GET /compute/v2.1/servers/${body.server.id}`;
    const { body: seen } = await cloud.until(
      () => ann(path),
      ({ server }) => server.status === 'ACTIVE',
    );
    expect(seen.server['OS-EXT-AZ:availability_zone']).toBe('west');
    const attached = seen.server['os-extended-volumes:volumes_attached'] as { id: string }[];
    expect(attached).toHaveLength(4);
    await ann(`DELETE /compute/v2.1/servers/${body.server.id}`);
    const { body: left } = await cloud.until(
      () => ann('GET /volume/v3/volumes'),
      ({ volumes }) => !volumes.some((one: { id: string }) => one.id === root),
    );
    const ids = left.volumes.map((one: { id: string }) => one.id);
    expect(attached.map(({ id }) => id).filter((id) => ids.includes(id))).toEqual([data]);
  });

  test('a volume that was made at the site a moment ago pins the server', async () => {
    const { volumes } = cloud.west.cloud;
    const { id } = volumes.add({ projectId: ann.projectId, userId: 'u', size: 1, bootable: true });
    const device = { source_type: 'volume', destination_type: 'volume', uuid: id, boot_index: 0 };
    const { status, body } = await boot({ block_device_mapping_v2: [device] });
    expect(status).toBe(202);
    const { body: seen } = await ann(`GET /compute/v2.1/servers/${body.server.id}`);
    expect(seen.server['OS-EXT-AZ:availability_zone']).toBe('west');
  });
});

test.each(['east', 'west'] as const)(
  'a volume that is nowhere is not found, wherever the server in %s is',
  async (zone) => {
    const answer = await ann(`POST /volume/v3/volumes/${randomUUID()}/action`, osAttach(await serverIn(zone)));
    expect([answer.status, words(answer)]).toEqual([404, expect.stringMatching(/^Volume \S+ could not be found\.$/)]);
  },
);

describe("another project's things", () => {
  test('are as unknown as in one Cinder, and nothing tells where they are', async () => {
    const volume = await volumeIn('west', {}, bob);
    const snapshot = await below('snapshots', 'snapshot', { volume_id: volume }, bob);
    const east = await serverIn('east');
    const tried = [
      create({ source_volid: volume, availability_zone: 'east' }),
      create({ snapshot_id: snapshot, availability_zone: 'east' }),
      ann('POST /volume/v3/snapshots', { snapshot: { volume_id: volume } }),
      ann('POST /volume/v3/backups', { backup: { volume_id: volume } }),
      ann('POST /volume/v3/os-volume-transfer', { transfer: { volume_id: volume } }),
      ann(`GET /volume/v3/volumes/${volume}`),
      ann(`DELETE /volume/v3/snapshots/${snapshot}`),
      ann(`POST /volume/v3/volumes/${volume}/action`, { 'os-extend': { new_size: 2 } }),
      ann(`POST /compute/v2.1/servers/${east}/os-volume_attachments`, { volumeAttachment: { volumeId: volume } }),
      ann(`POST /volume/v3/volumes/${volume}/action`, osAttach(east)),
    ];
    for (const answer of await Promise.all(tried)) {
      expect([answer.status, words(answer)]).toEqual([
        404,
        expect.stringMatching(/^(Volume|Snapshot) \S+ could not be found\.$/),
      ]);
    }
  });
});

describe('volume types', () => {
  const fast = { 'RESKEY:availability_zones': 'west' };
  beforeAll(async () => {
    const { status } = await cloud.admin('POST /volume/v3/types', {
      volume_type: { name: 'west-only', extra_specs: fast },
    });
    expect(status).toBe(200);
  });

  test('a server whose volume is of it is built there', async () => {
    const device = {
      source_type: 'image',
      destination_type: 'volume',
      uuid: imageRef,
      volume_size: 1,
      boot_index: 0,
      volume_type: 'west-only',
    };
    const { status, body } = await boot({ block_device_mapping_v2: [device] });
    expect(status).toBe(202);
    const { body: seen } = await ann(`GET /compute/v2.1/servers/${body.server.id}`);
    expect(seen.server['OS-EXT-AZ:availability_zone']).toBe('west');
    const refused = await boot({ block_device_mapping_v2: [device], availability_zone: 'east' });
    expect([refused.status, words(refused)]).toEqual([400, expect.stringContaining("['west']")]);
  });

  test('the type of a project decides where its volumes name none', async () => {
    const carol = await cloud.tenant('carol');
    const { globals } = cloud.cascade.world;
    const type = (await globals.list('volume_type')).find((row) => row.body['name'] === 'west-only')!;
    const body = { name: carol.projectId, volume_type_id: type.id };
    await globals.put('volume_default_type', carol.projectId, null, body);
    const made = await create({}, {}, carol);
    expect(made.body.volume).toMatchObject({ availability_zone: 'west' });
  });

  test('a type for one zone takes a volume there, and no other zone', async () => {
    expect((await create({ volume_type: 'west-only' })).body.volume.availability_zone).toBe('west');
    const refused = await create({ volume_type: 'west-only', availability_zone: 'east' });
    expect([refused.status, words(refused)]).toEqual([
      400,
      "Volume type is only supported in these availability zones: ['west']",
    ]);
  });
});
