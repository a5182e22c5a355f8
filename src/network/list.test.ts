import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import type { World } from '../routing/world.js';
import { collectionOf } from './collections.js';
import { listFollowed } from './list.js';
import { admin, askedFor, makeSites, shownIn, siteNamed, tenant, worldOf } from './testing.js';

const lax = ['empty-string-filtering', 'standard-attr-timestamp'];
const west = siteNamed(1, 'west', lax);
const east = siteNamed(2, 'east', lax);
let database: Database;
let close: () => Promise<void>;
let made: ReturnType<typeof worldOf>;
let world: World;

const port = (id: string, more: Record<string, unknown>) => ({
  id,
  project_id: 'blue',
  tenant_id: 'blue',
  name: '',
  admin_state_up: true,
  status: 'ACTIVE',
  network_id: 'n1',
  device_id: '',
  device_owner: '',
  mac_address: 'fa:16:3e:00:00:01',
  fixed_ips: [],
  security_groups: [],
  tags: [],
  revision_number: 1,
  'binding:host_id': 'west',
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  ...more,
});

beforeAll(async () => {
  ({ database, close } = await testDatabase());
  await makeSites(database, 'west', 'east');
  made = worldOf(database, [west.site, east.site]);
  world = made.world;
  await made.has(
    'port',
    west.site,
    port('p1', {
      name: 'Web',
      fixed_ips: [{ ip_address: '10.0.0.3', subnet_id: 's1' }],
      tags: ['red', 'round'],
      security_groups: ['g1'],
    }),
    port('p2', {
      name: 'db',
      admin_state_up: false,
      fixed_ips: [{ ip_address: '10.0.0.30', subnet_id: 's2' }],
      tags: ['red'],
      mac_address: 'FA:16:3E:00:00:02',
    }),
  );
  await made.has(
    'port',
    east.site,
    port('p3', {
      name: 'app',
      tags: [],
      device_id: 'vm1',
      security_groups: ['g2'],
      revision_number: 7,
      updated_at: '2026-03-01T00:00:00Z',
    }),
  );
});
afterAll(() => close());

const list = async (query: string, caller: Caller = tenant('blue'), kind = 'port') => {
  const collection = collectionOf(kind);
  return listFollowed(world, collection)(askedFor(`${collection.path}?${query}`, caller));
};
const ids = async (query: string, caller?: Caller) =>
  shownIn(await list(query, caller), 'ports').map((row) => row['id']);
const fault = async (query: string): Promise<Fault> =>
  list(query).then(
    () => Promise.reject(new Error('was not refused')),
    (error: Fault) => error,
  );

describe('filters', () => {
  test.each([
    ['', ['p1', 'p2', 'p3']],
    ['name=Web', ['p1']],
    ['name=Web&name=db', ['p1', 'p2']],
    ['name=we', []],
    ['device_id=', ['p1', 'p2']],
    ['admin_state_up=False', ['p2']],
    ['admin_state_up=1', ['p1', 'p3']],
    ['revision_number=7', ['p3']],
    ['mac_address=fa-16-3e-00-00-02', ['p2']],
    ['id=p3&id=p1', ['p1', 'p3']],
    ['tenant_id=blue&name=db', ['p2']],
    ['project_id=green', []],
    ['binding:host_id=west', ['p1', 'p2', 'p3']],
    ['fixed_ips=ip_address=10.0.0.3', ['p1']],
    ['fixed_ips=ip_address_substr=.0.3', ['p1', 'p2']],
    ['fixed_ips=subnet_id=s1&fixed_ips=subnet_id=s2', ['p1', 'p2']],
    ['fixed_ips=subnet_id=s1&fixed_ips=ip_address=10.0.0.30', []],
    ['security_groups=g1&security_groups=g2', ['p1', 'p3']],
    ['tags=red,round', ['p1']],
    ['tags=red&tags=round', ['p1']],
    ['tags-any=round,blue', ['p1']],
    ['not-tags=red,round', ['p2', 'p3']],
    ['not-tags-any=red', ['p3']],
    ['changed_since=2026-02-01T00:00:00', ['p3']],
    ['created_at=', []],
    ['updated_at=2026-03-01T00:00:00Z', ['p3']],
    ['tags=%00', []],
    ['tags-any=%00,round', ['p1']],
    ['not-tags=%00', ['p1', 'p2', 'p3']],
    ['not-tags-any=%00', ['p1', 'p2', 'p3']],
    ['security_groups=%00', []],
    ['fixed_ips=ip_address=%00', []],
    ['fixed_ips=ip_address_substr=%00', []],
    ['name=%00', []],
    ['a_word_nobody_knows=1', ['p1', 'p2', 'p3']],
    // As MySQL compares texts: without regard to case, accents and the spaces at the end.
    ['name=WEB', ['p1']],
    ['name=w%C3%A9b%20', ['p1']],
    ['name=%20Web', []],
    ['status=active', ['p1', 'p2', 'p3']],
    ['device_id=VM1%20', ['p3']],
    ['id=P3', ['p3']],
    ['network_id=N1', ['p1', 'p2', 'p3']],
    ['tenant_id=BLUE&name=db', ['p2']],
    ['binding:host_id=West', ['p1', 'p2', 'p3']],
    ['security_groups=G1', ['p1']],
    ['fixed_ips=subnet_id=S1', ['p1']],
    ['fixed_ips=ip_address_substr=10._.0.30', ['p2']],
    ['fixed_ips=True', ['p1', 'p2', 'p3']],
    ['tags=RED,Round', ['p1']],
    ['tags-any=ROUND%20', ['p1']],
    ['not-tags-any=Red', ['p3']],
    ['mac_address=fa163e000002', ['p2']],
    ['port_security_enabled=no', ['p1', 'p2', 'p3']],
    ['allowed_address_pairs=ip_address=10.9.9.9', ['p1', 'p2', 'p3']],
    ['allowed_address_pairs=True', ['p1', 'p2', 'p3']],
    // A text beside a number is the number it begins with.
    ['revision_number=x', []],
    ['revision_number=7x', ['p3']],
    ['revision_number=7.0', ['p3']],
    ['limit=1&marker=P1', ['p2']],
  ])('%s', async (query, found) => {
    expect(await ids(query)).toEqual(found);
  });

  test.each([
    ['admin_state_up=maybe', 'InvalidInput', "'maybe' cannot be converted to boolean"],
    ['fixed_ips=', 'InvalidInput', "'' is not of the form <key>=[value]"],
    ['port_security_enabled=maybe', 'InvalidInput', "'maybe' cannot be converted to boolean"],
    ['allowed_address_pairs=x', 'InvalidInput', "'x' is not of the form <key>=[value]"],
    ['fixed_ips=%20=x', 'InvalidInput', "' =x' is not of the form <key>=[value]"],
    ['fixed_ips=10.0.0.3', 'InvalidInput', "'10.0.0.3' is not of the form <key>=[value]"],
    ['changed_since=yesterday', 'InvalidInput', 'YYYY-MM-DDTHH:MM:SSZ'],
    ['created_at=x', 'InvalidInput', "'x' is not a valid time for 'created_at'"],
    ['changed_since=1', 'InvalidInput', 'YYYY-MM-DDTHH:MM:SSZ'],
  ])('%s is refused', async (query, type, words) => {
    const refused = await fault(query);
    expect([refused.status, refused.details.type]).toEqual([400, type]);
    expect(refused.message).toContain(words);
  });

  test('an unknown filter is refused where every site validates filters', async () => {
    const strict = siteNamed(1, 'west', [...lax, 'filter-validation']);
    const { world: careful } = worldOf(database, [strict.site]);
    const asked = askedFor('/ports?elephant=1&name=db', tenant('blue'));
    const answer = listFollowed(careful, collectionOf('port'))(asked);
    await expect(answer).rejects.toMatchObject({
      kind: 'bad-request',
      message: "['elephant'] is invalid attribute for filtering",
    });
  });

  test('an empty value asks for nothing where a site cannot ask for it', async () => {
    const { world: old } = worldOf(database, [west.site, siteNamed(2, 'east', []).site]);
    const answer = await listFollowed(old, collectionOf('port'))(askedFor('/ports?device_id=', tenant('blue')));
    expect(shownIn(answer, 'ports')).toHaveLength(3);
  });
});

describe('fields', () => {
  test('only the asked ones are shown, however many and unknown', async () => {
    const rows = shownIn(await list('fields=name&fields=tags&fields=elephant&name=db'), 'ports');
    expect(rows).toEqual([{ name: 'db', tags: ['red'] }]);
  });
  test('an empty name shows nothing', async () => {
    expect(shownIn(await list('fields=&name=db'), 'ports')).toEqual([{}]);
  });
  test('both names of the owner are there', async () => {
    expect(shownIn(await list('name=db'), 'ports')[0]).toMatchObject({ project_id: 'blue', tenant_id: 'blue' });
  });
  test('attributes that only administrators may see are theirs alone', async () => {
    const [mine] = shownIn(await list('name=db'), 'ports');
    const [theirs] = shownIn(await list('name=db', admin), 'ports');
    expect(mine).not.toHaveProperty('binding:host_id');
    expect(theirs).toHaveProperty('binding:host_id', 'west');
  });
});

describe('order', () => {
  test('of an enumeration, as it stands in Neutron', async () => {
    const rule = (id: string, direction: string) => ({ ...port(id, {}), direction });
    await made.has('security_group_rule', west.site, rule('r1', 'egress'), rule('r2', 'ingress'));
    const rows = await list('sort_key=direction&sort_dir=asc', admin, 'security_group_rule');
    expect(shownIn(rows, 'security_group_rules').map((row) => row['direction'])).toEqual(['ingress', 'egress']);
  });
  test.each([
    ['sort_key=name&sort_dir=asc', ['p3', 'p2', 'p1']],
    ['sort_key=name&sort_dir=desc', ['p1', 'p2', 'p3']],
    ['sort_key=admin_state_up&sort_dir=asc&sort_key=id&sort_dir=desc', ['p2', 'p3', 'p1']],
  ])('%s', async (query, found) => {
    expect(await ids(query)).toEqual(found);
  });

  test.each([
    ['sort_key=name', 'The number of sort_keys and sort_dirs must be same'],
    ['sort_key=elephant&sort_dir=asc', "['elephant'] is invalid attribute for sort_keys"],
    ['sort_key=fixed_ips&sort_dir=asc', "['fixed_ips'] is invalid attribute for sort_keys"],
    ['sort_key=name&sort_dir=up', "['up'] is invalid value for sort_dirs, valid value is 'asc' and 'desc'"],
  ])('%s is refused', async (query, words) => {
    expect(await fault(query)).toMatchObject({ status: 400, message: words, details: { type: 'HTTPBadRequest' } });
  });
});

describe('pages', () => {
  const page = async (query: string) => bodyOf(await list(query)) as { ports: { id: string }[]; ports_links?: unknown };

  test('no limit, no links', async () => {
    expect(await page('')).not.toHaveProperty('ports_links');
    expect(await page('limit=0')).not.toHaveProperty('ports_links');
  });

  test('a full page leads on and back, keeping the question', async () => {
    const { ports, ports_links: links } = await page('limit=2&fields=name');
    expect(ports).toHaveLength(2);
    expect(links).toEqual([
      { rel: 'next', href: 'https://cloud.example/network/v2.0/ports?limit=2&fields=name&marker=p2' },
      {
        rel: 'previous',
        href: 'https://cloud.example/network/v2.0/ports?limit=2&fields=name&marker=p1&page_reverse=True',
      },
    ]);
  });

  test('the last page leads back alone', async () => {
    const { ports, ports_links: links } = await page('limit=2&marker=p2');
    expect(ports.map(({ id }) => id)).toEqual(['p3']);
    expect(links).toEqual([
      { rel: 'previous', href: expect.stringContaining('marker=p3&page_reverse=True') as string },
    ]);
  });

  test('backwards from a marker, in the order of the list', async () => {
    const { ports, ports_links: links } = await page('limit=2&marker=p3&page_reverse=True');
    expect(ports.map(({ id }) => id)).toEqual(['p1', 'p2']);
    expect(links).toEqual([
      { rel: 'next', href: 'https://cloud.example/network/v2.0/ports?limit=2&marker=p2' },
      { rel: 'previous', href: 'https://cloud.example/network/v2.0/ports?limit=2&marker=p1&page_reverse=True' },
    ]);
  });

  test('a whole list is turned round', async () => {
    expect((await page('page_reverse=True')).ports.map(({ id }) => id)).toEqual(['p3', 'p2', 'p1']);
  });

  test('walking by sorted pages sees each row once', async () => {
    const seen: string[] = [];
    let marker = '';
    for (;;) {
      const { ports } = await page(`limit=1&sort_key=status&sort_dir=desc${marker && `&marker=${marker}`}`);
      if (ports.length === 0) break;
      seen.push(...ports.map(({ id }) => id));
      marker = seen.at(-1) ?? '';
    }
    expect(seen).toEqual(['p1', 'p2', 'p3']);
  });

  test('a limit that is no number, and a marker nobody knows, in the words of Neutron', async () => {
    const words = "Bad limit request: Limit must be an integer 0 or greater and not '-1'.";
    expect(await fault('limit=-1')).toMatchObject({ status: 400, message: words });
    expect(await fault('limit=1&marker=nobody')).toMatchObject({ status: 404, details: { type: 'PortNotFound' } });
  });
});
