/** Lists that are put together from several sites, walked by pages: every row once, in the order of the whole list. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from './cascade.js';
import { startSimulatedCascade, type Ask, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;
let ann: Awaited<ReturnType<SimulatedCascade['tenant']>>;
let bob: Awaited<ReturnType<SimulatedCascade['tenant']>>;
const zones = ['east', 'west'] as const;

beforeAll(async () => {
  cloud = await startSimulatedCascade();
  [ann, bob] = [await cloud.tenant('ann'), await cloud.tenant('bob')];
});
afterAll(() => cloud.close());

type Row = Record<string, unknown>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Body = any;

interface Listed {
  readonly ask: Ask;
  /** `/compute/v2.1/servers?…` */
  readonly path: string;
  readonly version?: string;
  readonly rows: (body: Body) => Row[];
  readonly id?: string;
  /** Of the link to the next page, or the link; a client without links takes the last row as the marker. */
  readonly links?: string | ((body: Body) => string | undefined);
  /** Of the last row, where it is the marker. @default id */
  readonly marker?: string;
}

type Step = 'link' | 'last row' | 'offset';

const idsIn = ({ rows, id = 'id' }: Listed, body: Body): unknown[] => rows(body).map((row) => row[id]);

async function whole(listed: Listed): Promise<unknown[]> {
  const { status, body, text } = await listed.ask(`GET ${listed.path}`, undefined, listed.version);
  expect(status, text).toBe(200);
  return idsIn(listed, body);
}

async function walked(listed: Listed, limit: number, by: Step): Promise<unknown[]> {
  const ids: unknown[] = [];
  const join = listed.path.includes('?') ? '&' : '?';
  const pageAfter = (marker: string): string => `${listed.path}${join}limit=${limit}${marker}`;
  for (let path = pageAfter(''); ;) {
    const { status, body, text } = await listed.ask(`GET ${path}`, undefined, listed.version);
    expect(status, text).toBe(200);
    const page = idsIn(listed, body);
    expect(page.length).toBeLessThanOrEqual(limit);
    ids.push(...page);
    if (page.length === 0 || ids.length > 1000) return ids;
    if (by === 'last row')
      path = pageAfter(`&marker=${String(listed.rows(body).at(-1)![listed.marker ?? listed.id ?? 'id'])}`);
    else if (by === 'offset') path = pageAfter(`&offset=${ids.length}`);
    else {
      const next = nextIn(listed.links!, body);
      if (!next) return ids;
      path = next.replace(cloud.url, '');
    }
  }
}

const nextIn = (links: NonNullable<Listed['links']>, body: Body): string | undefined =>
  typeof links === 'function'
    ? links(body)
    : ((body[links] ?? []) as { rel: string; href: string }[]).find(({ rel }) => rel === 'next')?.href;

/** @param count of the whole list, so that no walk over nothing is taken for a good one */
async function expectWalks(
  listed: Listed,
  count: number,
  steps: readonly Step[] = listed.links ? ['link', 'last row'] : ['last row'],
): Promise<void> {
  const all = await whole(listed);
  expect(all).toHaveLength(count);
  expect(new Set(all).size).toBe(count);
  for (const limit of [1, 2, 3, count, count + 1]) {
    for (const by of steps) {
      expect(await walked(listed, limit, by), `${listed.path} by ${limit}, ${by}`).toEqual(all);
    }
  }
}

describe('what projects used', () => {
  const start = new Date(Date.now() - 3_600_000).toISOString().replace('Z', '');
  const path = '/compute/v2.1/os-simple-tenant-usage';
  const servers = (body: Body): Row[] =>
    (body.tenant_usages ?? [body.tenant_usage]).flatMap((one: Body) => one.server_usages ?? []);
  const made: string[] = [];

  beforeAll(async () => {
    const flavorRef = (await cloud.admin('GET /compute/v2.1/flavors')).body.flavors[0].id;
    const imageRef = cloud.east.cloud.images.initialIds[0]!; // the same in both
    for (const ask of [ann, bob]) {
      for (const zone of [...zones, ...zones]) {
        const server = { name: 's', flavorRef, imageRef, networks: 'none', availability_zone: zone };
        const { body } = await ask('POST /compute/v2.1/servers', { server });
        const { id } = body.server;
        await cloud.until(
          () => ask(`GET /compute/v2.1/servers/${id}`),
          (shown) => shown.server.status === 'ACTIVE',
        );
        made.push(id);
      }
    }
  });

  test.each(['2.40', '2.74', '2.75', '2.93'])('of all projects, at %s', async (minor) => {
    const version = `compute ${minor}`;
    const all = {
      ask: cloud.admin,
      version,
      path: `${path}?detailed=1&start=${start}`,
      rows: servers,
      id: 'instance_id',
    };
    await expectWalks({ ...all, links: 'tenant_usages_links' }, 8);
    const { body } = await cloud.admin(`GET ${path}?start=${start}`, undefined, version);
    expect(body.tenant_usages).toHaveLength(2);
    expect(body.tenant_usages[0]).not.toHaveProperty('server_usages');
  });

  test('in the order of projects, then of servers', async () => {
    const { body } = await cloud.admin(`GET ${path}?detailed=1&start=${start}`, undefined, 'compute 2.93');
    const places = servers(body).map((row) => `${String(row['tenant_id'])} ${String(row['instance_id'])}`);
    expect(places).toEqual([...places].sort());
  });

  test.each(['2.40', '2.74', '2.75', '2.93'])('of one project, at %s', async (minor) => {
    const one = { ask: ann, version: `compute ${minor}`, path: `${path}/${ann.projectId}?start=${start}` };
    await expectWalks({ ...one, rows: servers, id: 'instance_id', links: 'tenant_usage_links' }, 4);
  });

  test('of one project, before there were pages', async () => {
    const { status, body } = await ann(`GET ${path}/${ann.projectId}?start=${start}`, undefined, 'compute 2.1');
    expect([status, body.tenant_usage.server_usages.length]).toEqual([200, 4]);
  });

  // Answers of a real Nova (Zed).
  test.each([
    ['', 'foo=1', "Additional properties are not allowed ('foo' was unexpected)"],
    ['/ann', 'detailed=1', "Additional properties are not allowed ('detailed' was unexpected)"],
    ['/ann', 'limit=x', "Invalid input for query parameters limit. Value: x. 'x' does not match '^[0-9]*$'"],
    ['', 'start=bad', 'Invalid datetime string: Datetime is in invalid format'],
    ['', 'start=2999-01-01T00:00:00', 'Invalid start time. The start time cannot occur after the end time.'],
    ['', 'marker=foo', 'Marker foo could not be found.'],
    ['', 'marker=', 'Marker  could not be found.'],
    ['', 'limit=1&limit=2&marker=a&marker=b', 'Marker b could not be found.'],
  ])('what Nova refuses is refused: %s?%s', async (below, query, message) => {
    const { status, body } = await cloud.admin(`GET ${path}${below}?${query}`, undefined, 'compute 2.75');
    expect([status, body.badRequest?.message]).toEqual([400, message]);
  });

  test('a marker that was deleted meanwhile, also one that only its site remembers', async () => {
    const listed = { ask: cloud.admin, path: `${path}?detailed=1&start=${start}`, rows: servers, id: 'instance_id' };
    const all = (await whole(listed)) as string[];
    for (const forgotten of [false, true]) {
      const at = forgotten ? 5 : 2;
      const marker = all[at]!;
      const owner = made.indexOf(marker) < 4 ? ann : bob;
      await owner(`DELETE /compute/v2.1/servers/${marker}`);
      await cloud.until(
        () => owner(`GET /compute/v2.1/servers/${marker}`),
        (body) => !body.server,
      );
      const { database } = cloud.cascade.world;
      if (forgotten) await database.run(`delete from resource where kind = 'server' and id = $1`, [marker]);
      const { body } = await cloud.admin(`GET ${listed.path}&marker=${marker}`);
      expect(idsIn(listed, body)).toEqual(all.slice(at + 1));
    }
    await expectWalks({ ...listed, links: 'tenant_usages_links' }, 8);
  });
});

describe('migrations', () => {
  const path = '/compute/v2.1/os-migrations';
  const listed = (query: string, version = 'compute 2.93'): Listed => ({
    ask: cloud.admin,
    path: `${path}?${query}`,
    version,
    rows: (body) => body.migrations,
    id: 'uuid',
    links: 'migrations_links',
  });
  let servers: string[];

  beforeAll(async () => {
    const flavorRef = (await cloud.admin('GET /compute/v2.1/flavors')).body.flavors[0].id;
    const imageRef = cloud.east.cloud.images.initialIds[0]!;
    const is = (id: string, status: string) =>
      cloud.until(
        () => ann(`GET /compute/v2.1/servers/${id}`),
        (body) => body.server.status === status,
      );
    servers = [];
    for (const zone of zones) {
      const server = { name: 's', flavorRef, imageRef, networks: 'none', availability_zone: zone };
      const { id } = (await ann('POST /compute/v2.1/servers', { server })).body.server;
      await is(id, 'ACTIVE');
      servers.push(id);
    }
    for (const id of [...servers, ...servers, servers[0]!]) {
      await cloud.admin(`POST /compute/v2.1/servers/${id}/action`, { migrate: null });
      await is(id, 'VERIFY_RESIZE');
      await cloud.admin(`POST /compute/v2.1/servers/${id}/action`, { confirmResize: null });
      await is(id, 'ACTIVE');
    }
  }, 60_000);

  test.each(['compute 2.59', 'compute 2.66', 'compute 2.93'])('newest first, at %s', async (version) => {
    await expectWalks(listed('', version), 5);
    const { body } = await cloud.admin(`GET ${path}`, undefined, version);
    const times = body.migrations.map((row: Row) => row['created_at']);
    expect(times).toEqual([...times].sort().reverse());
  });

  test('filters leave rows out, and may leave out the marker', async () => {
    await expectWalks(listed(`instance_uuid=${servers[0]}`), 3);
    await expectWalks(listed('host=west'), 2);
    const all = (await whole(listed(''))) as string[];
    const ofOne = (await whole(listed(`instance_uuid=${servers[0]}`))) as string[];
    for (const marker of all) {
      const rest = await whole(listed(`instance_uuid=${servers[0]}&limit=9&marker=${marker}`));
      expect(rest).toEqual(ofOne.filter((uuid) => all.indexOf(uuid) > all.indexOf(marker)));
    }
  });

  // Answers of a real Nova (Zed).
  test('odd pages', async () => {
    expect(await whole(listed('marker='))).toHaveLength(5);
    expect(await whole(listed('limit=0'))).toEqual([]);
    const refusal = async (query: string) => {
      const { status, body } = await cloud.admin(`GET ${path}?${query}`);
      return [status, body.badRequest?.message];
    };
    const nowhere = randomUUID();
    expect(await refusal(`marker=${nowhere}`)).toEqual([400, `Marker ${nowhere} could not be found.`]);
    expect(await refusal('marker=a&marker=b')).toEqual([
      400,
      "Invalid input for query parameters marker. Value: ['a', 'b']. ['a', 'b'] is too long",
    ]);
    expect(await refusal(`foo=1&marker=${nowhere}`)).toEqual([
      400,
      "Additional properties are not allowed ('foo' was unexpected)",
    ]);
  });
});

describe('what is the same in every zone', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const list = (path: string, keys: string, more: Partial<Listed> = {}): Listed => ({
    ask: cloud.admin,
    path,
    rows: (body: Body) => body[keys],
    links: `${keys}_links`,
    ...more,
  });

  test('flavors', async () => {
    const { length } = (await cloud.admin('GET /compute/v2.1/flavors')).body.flavors;
    for (const name of names) {
      const flavor = { name, ram: 64 * (1 + (name.charCodeAt(0) % 3)), vcpus: 1, disk: 1 };
      expect((await cloud.admin('POST /compute/v2.1/flavors', { flavor })).status).toBe(200);
    }
    for (const path of ['', '/detail', '?sort_key=name&sort_dir=desc', '?sort_key=memory_mb']) {
      await expectWalks(list(`/compute/v2.1/flavors${path}`, 'flavors'), length + 5);
    }
  });

  test('key pairs', async () => {
    for (const name of names)
      expect(
        (
          await ann('POST /compute/v2.1/os-keypairs', {
            keypair: {
              name,
              type: 'ssh',
              public_key: `ssh-rsa ${Buffer.from('\0\0\0\x07ssh-rsa\0\0\0\x03\x01\0\x01\0\0\0\x05\0abcd', 'latin1').toString('base64')}`,
            },
          })
        ).text,
      ).not.toContain('badRequest');
    const rows = (body: Body): Row[] => body.keypairs.map((one: Body) => one.keypair);
    for (const version of ['compute 2.35', 'compute 2.93']) {
      await expectWalks(list('/compute/v2.1/os-keypairs', 'keypairs', { ask: ann, version, rows, id: 'name' }), 5);
    }
  });

  test('server groups', async () => {
    for (const name of names) {
      const server_group = { name, policy: 'anti-affinity' };
      expect((await ann('POST /compute/v2.1/os-server-groups', { server_group })).status).toBe(200);
    }
    const { links: _none, ...groups } = list('/compute/v2.1/os-server-groups', 'server_groups', { ask: ann });
    await expectWalks(groups, 5, ['offset']);
    await expectWalks({ ...groups, ask: cloud.admin, path: `${groups.path}?all_projects=True` }, 5, ['offset']);
  });

  test('hypervisors', async () => {
    for (const version of ['compute 2.33', 'compute 2.53', 'compute 2.93']) {
      for (const below of ['', '/detail']) {
        await expectWalks(list(`/compute/v2.1/os-hypervisors${below}`, 'hypervisors', { version }), 2);
      }
    }
  });

  test('types of volumes and of groups', async () => {
    for (const [path, keys, key] of [
      ['types', 'volume_types', 'volume_type'],
      ['group_types', 'group_types', 'group_type'],
    ] as const) {
      const before = (await cloud.admin(`GET /volume/v3/${path}`)).body[keys].length;
      for (const name of names) {
        const { status, text } = await cloud.admin(`POST /volume/v3/${path}`, { [key]: { name: `walked ${name}` } });
        expect([200, 202], text).toContain(status);
      }
      const links = key === 'group_type' ? 'group_type_links' : `${key}_links`;
      for (const query of ['', '?sort=name:asc', '?sort_key=created_at&sort_dir=asc']) {
        await expectWalks(list(`/volume/v3/${path}${query}`, keys, { links }), before + 5);
      }
    }
  });

  test('images', async () => {
    for (const [n, name] of names.entries()) {
      const zone = zones[n % 2]!;
      const { status, text } = await ann.at[zone]('POST /image/v2/images', {
        name: `walked ${name}`,
        disk_format: 'raw',
        container_format: 'bare',
      });
      expect(status, text).toBe(201);
    }
    const { kinds, reader, sites } = cloud.cascade.world;
    for (const site of sites.all()) await reader.readAll(kinds.get('image')!, site);
    const links = (body: Body): string | undefined => body.next && `/image${body.next}`;
    for (const query of ['', '&sort=name:asc', '&sort_key=status&sort_key=name&sort_dir=asc']) {
      await expectWalks(list(`/image/v2/images?owner=${ann.projectId}${query}`, 'images', { ask: ann, links }), 5);
    }
  });
});

describe('what the sites are asked for', () => {
  const at = (zone: 'east' | 'west'): string => cloud[zone].url;
  const make = async (zone: 'east' | 'west', path: string, body: object): Promise<Body> => {
    const answer = await send('POST', at(zone) + path, { token: cloud.token, body });
    expect(answer.status, answer.text).toBeLessThan(300);
    return Object.values(answer.body)[0];
  };
  const listed = (path: string, keys: string, more: Partial<Listed> = {}): Listed => ({
    ask: cloud.admin,
    path,
    rows: (body: Body) => body[keys],
    links: `${keys}_links`,
    ...more,
  });
  const inTurn = [...zones, ...zones, 'east'] as const;

  describe('of Neutron', () => {
    beforeAll(async () => {
      for (const [n, zone] of inTurn.entries()) {
        const subnetpool = { name: `p${n % 3}`, prefixes: [`10.${n}.0.0/16`], default_prefixlen: 24 };
        await make(zone, '/network/v2.0/subnetpools', { subnetpool });
        await make(zone, '/network/v2.0/qos/policies', { policy: { name: `q${n % 2}` } });
        await make(zone, '/network/v2.0/networks', { network: { name: `n${n}` } });
      }
      const { kinds, reader, sites } = cloud.cascade.world;
      for (const site of sites.all()) await reader.readAll(kinds.get('network')!, site);
    });

    const names = 'name=p0&name=p1&name=p2';
    test.each([
      ['/subnetpools', 'subnetpools', names],
      ['/subnetpools', 'subnetpools', `${names}&sort_key=name&sort_dir=desc`],
      ['/subnetpools', 'subnetpools', `${names}&sort_key=name&sort_dir=asc&fields=id`],
      ['/qos/policies', 'policies', 'name=q0&name=q1'],
      ['/networks', 'networks', [...inTurn.keys()].map((n) => `name=n${n}`).join('&')],
    ])('%s %s?%s', async (path, keys, query) => {
      await expectWalks(listed(`/network/v2.0${path}?${query}`, keys), 5);
    });

    test('fields that were not asked for are not shown, and pages without ids still follow each other', async () => {
      const path = `/network/v2.0/subnetpools?${names}&fields=prefixes`;
      const byPrefix = listed(path, 'subnetpools', {
        rows: (body) => body.subnetpools.map((row: Row) => ({ id: String(row['prefixes']), fields: Object.keys(row) })),
      });
      const { body } = await cloud.admin(`GET ${path}&limit=2`);
      expect(body.subnetpools.map(Object.keys)).toEqual([['prefixes'], ['prefixes']]);
      const all = await whole(byPrefix);
      for (const limit of [1, 2, 3]) expect(await walked(byPrefix, limit, 'link')).toEqual(all);
    });

    test('backwards', async () => {
      const path = `/network/v2.0/subnetpools?${names}&fields=id`;
      const all = (await whole(listed(path, 'subnetpools'))) as string[];
      const back = async (marker: string) =>
        idsIn(listed(path, 'subnetpools'), (await cloud.admin(`GET ${path}&limit=2&page_reverse=true${marker}`)).body);
      expect(await back('')).toEqual(all.slice(3));
      expect(await back(`&marker=${all[3]}`)).toEqual(all.slice(1, 3));
      expect(await back(`&marker=${all[1]}`)).toEqual(all.slice(0, 1));
    });

    test('a marker that the filter leaves out marks a place; one that is nowhere is taken no notice of', async () => {
      const all = (await whole(listed(`/network/v2.0/subnetpools?${names}`, 'subnetpools'))) as string[];
      const { body } = await cloud.admin(`GET /network/v2.0/subnetpools/${all[1]}`);
      const others = ['p0', 'p1', 'p2']
        .filter((name) => name !== body.subnetpool.name)
        .map((name) => `name=${name}`)
        .join('&');
      const path = `/network/v2.0/subnetpools?${others}&fields=id`;
      const rest = (await whole(listed(path, 'subnetpools'))) as string[];
      const after = idsIn(
        listed(path, 'subnetpools'),
        (await cloud.admin(`GET ${path}&limit=9&marker=${all[1]}`)).body,
      );
      expect(after).toEqual(rest.filter((id) => all.indexOf(id) > 1));
      const nowhere = await cloud.admin(`GET ${path}&limit=9&marker=nowhere`);
      expect(idsIn(listed(path, 'subnetpools'), nowhere.body)).toEqual(rest);
    });

    // Answers of a real Neutron (Zed).
    test.each([
      ['networks', 404, 'Network nope could not be found.'],
      ['routers', 404, 'Router nope could not be found'],
      ['subnets', 200, undefined],
      ['security-groups', 200, undefined],
      ['floatingips', 200, undefined],
    ])('a marker of %s that is nowhere', async (collection, status, message) => {
      const answer = await cloud.admin(`GET /network/v2.0/${collection}?limit=1&marker=nope`);
      expect([answer.status, answer.body.NeutronError?.message]).toEqual([status, message]);
    });

    test.each(['agents', 'rbac-policies'])('%s have no pages', async (collection) => {
      const keys = collection.replace('-', '_');
      const { body } = await cloud.admin(`GET /network/v2.0/${collection}?limit=1&marker=nope`);
      expect(Object.keys(body)).toEqual([keys]);
      const everything = await cloud.admin(`GET /network/v2.0/${collection}`);
      expect(body).toEqual(everything.body);
    });
  });

  describe('of Cinder', () => {
    beforeAll(async () => {
      const groupType = (await cloud.admin('POST /volume/v3/group_types', { group_type: { name: 'together' } })).body
        .group_type.id;
      const volumeType = (await cloud.admin('POST /volume/v3/types', { volume_type: { name: 'fast' } })).body
        .volume_type.id;
      for (const [n, zone] of inTurn.entries()) {
        const volume = { name: `v${n % 3}`, size: 1, availability_zone: zone };
        const { id } = (await ann('POST /volume/v3/volumes', { volume })).body.volume;
        await cloud.until(
          () => ann(`GET /volume/v3/volumes/${id}`),
          (body) => body.volume.status === 'available',
        );
        const { status: snapped } = await ann('POST /volume/v3/snapshots', {
          snapshot: { volume_id: id, name: `s${n}` },
        });
        const { status: attached } = await ann('POST /volume/v3/attachments', {
          attachment: { volume_uuid: id, instance_uuid: made() },
        });
        const spare = (
          await ann('POST /volume/v3/volumes', { volume: { size: 1, availability_zone: zone, name: 'spare' } })
        ).body.volume.id;
        await cloud.until(
          () => ann(`GET /volume/v3/volumes/${spare}`),
          (body) => body.volume.status === 'available',
        );
        const { status: offered } = await ann('POST /volume/v3/volume-transfers', {
          transfer: { volume_id: spare, name: `t${n % 2}` },
        });
        const group = { name: `g${n % 3}`, group_type: groupType, volume_types: [volumeType], availability_zone: zone };
        const { status: grouped } = await ann('POST /volume/v3/groups', { group });
        expect([snapped, attached, offered, grouped]).toEqual([202, 200, 202, 202]);
      }
    }, 60_000);
    const made = (): string => randomUUID();

    test('messages', async () => {
      const { length } = (await ann('GET /volume/v3/messages')).body.messages;
      for (const zone of inTurn) {
        const quota = { path: `/volume/v3/os-quota-sets/${ann.projectId}`, body: { quota_set: { gigabytes: -1 } } };
        expect((await send('PUT', at(zone) + quota.path, { token: cloud.token, body: quota.body })).status).toBe(200);
        const { status, body, text } = await ann.at[zone]('POST /volume/v3/volumes', { volume: { size: 90_000_000 } });
        expect(status, text).toBe(202);
        await cloud.until(
          () => ann.at[zone](`GET /volume/v3/volumes/${body.volume.id}`),
          ({ volume }) => volume.status === 'error',
        );
      }
      for (const query of ['', '?sort=created_at:asc', '?sort_key=id&sort_dir=desc']) {
        await expectWalks(listed(`/volume/v3/messages${query}`, 'messages', { ask: ann }), length + 5);
      }
    });

    test('backups', async () => {
      for (const [n, zone] of inTurn.entries()) {
        const { id } = (await ann.at[zone]('POST /volume/v3/volumes', { volume: { size: 1, name: 'backed up' } })).body
          .volume;
        await cloud.until(
          () => ann.at[zone](`GET /volume/v3/volumes/${id}`),
          (body) => body.volume.status === 'available',
        );
        const backup = { volume_id: id, name: `b${n % 3}` };
        expect((await ann.at[zone]('POST /volume/v3/backups', { backup })).status).toBe(202);
        await cloud.until(
          () => ann.at[zone]('GET /volume/v3/backups/detail'),
          ({ backups }) => backups.every((one: Row) => one['status'] === 'available'),
        );
      }
      const { kinds, reader, sites } = cloud.cascade.world;
      for (const site of sites.all()) await reader.readAll(kinds.get('backup')!, site);
      for (const below of ['', '/detail', '?sort=name:asc', '/detail?sort_key=created_at&sort_dir=asc']) {
        await expectWalks(listed(`/volume/v3/backups${below}`, 'backups', { ask: ann }), 5);
      }
    });

    test.each([
      ['/groups', 'groups', 'group_links', ''],
      ['/groups/detail', 'groups', 'group_links', ''],
      ['/groups', 'groups', 'group_links', 'sort=name:asc'],
      ['/groups/detail', 'groups', 'group_links', 'sort_key=created_at&sort_dir=asc'],
      ['/attachments', 'attachments', undefined, ''],
      ['/volume-transfers', 'transfers', 'transfers_links', ''],
      ['/volume-transfers/detail', 'transfers', 'transfers_links', ''],
      ['/volume-transfers/detail', 'transfers', 'transfers_links', 'sort=name:desc'],
      ['/volumes', 'volumes', 'volumes_links', 'status=reserved'],
      ['/volumes/detail', 'volumes', 'volumes_links', 'sort=name:asc&status=reserved'],
      ['/snapshots', 'snapshots', 'snapshots_links', ''],
      ['/snapshots/detail', 'snapshots', 'snapshots_links', 'sort=id:asc'],
    ])('%s, %s, %s, %s', async (path, keys, links, query) => {
      const { links: _none, ...rest } = listed(`/volume/v3${path}?${query}`, keys, { ask: ann });
      await expectWalks(links ? { ...rest, links } : rest, 5);
    });

    test('brief lists are in the order of detailed ones', async () => {
      for (const [path, keys] of [
        ['groups', 'groups'],
        ['volume-transfers', 'transfers'],
      ] as const) {
        const [brief, detailed] = [
          listed(`/volume/v3/${path}`, keys, { ask: ann }),
          listed(`/volume/v3/${path}/detail`, keys, { ask: ann }),
        ];
        expect(await whole(brief)).toEqual(await whole(detailed));
      }
    });

    test('an unknown marker is refused as the thing itself would be', async () => {
      const nowhere = randomUUID();
      const { status, body } = await ann(`GET /volume/v3/groups?marker=${nowhere}`);
      expect([status, body.itemNotFound.message]).toEqual([404, `Group ${nowhere} could not be found.`]);
    });
  });
});
