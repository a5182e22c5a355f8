import { describe, expect, test } from 'vitest';
import { parseMicroversion } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { NamedFlavors } from './named-flavors.js';
import { serverConditions } from './server-conditions.js';
import { serverSort } from './server-sort.js';

const asked = (query: string, { version = '2.1', isAdmin = false } = {}): Asked =>
  ({
    query: new URLSearchParams(query),
    microversion: parseMicroversion(version),
    caller: { token: '', userId: 'u', projectId: 'p', roles: ['member'], isAdmin },
  }) as unknown as Asked;

const tiny = { id: '1', name: 'tiny', vcpus: 1, ram: 64, disk: 1, shown: {}, deletedAt: null };
const flavors = new NamedFlavors([tiny]);

const sites = [
  { id: 1, name: 'East' },
  { id: 2, name: 'east-2' },
];
const named = { flavors, sites };

const conditions = (query: string, options?: { version?: string; isAdmin?: boolean }) =>
  serverConditions(asked(query, options), named).where;

describe('times', () => {
  test.each([
    ['2026-01-02', '2026-01-02T00:00:00.000Z'],
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02 03:04:05', '2026-01-02T03:04:05.000Z'],
    ['2026-01-02T03:04:05%2B02:00', '2026-01-02T01:04:05.000Z'],
    ['2026-01-02T03:04:05%2B02', '2026-01-02T01:04:05.000Z'],
    ['20260102T030405Z', '2026-01-02T03:04:05.000Z'],
    ['2026-01', '2026-01-01T00:00:00.000Z'],
    ['2026', '2026-01-01T00:00:00.000Z'],
  ])('changes-since=%s is read', (text, wanted) => {
    const [since] = conditions(`changes-since=${text}`);
    expect((since?.values[0] as Date).toISOString()).toBe(wanted);
  });

  // A plus sign that is not quoted arrives as a space.
  const bad = [
    '2011/01/01',
    'yesterday',
    '2026-13-01',
    '1',
    '',
    '%2B05:00',
    '2026-01-02T03:04:05+02:00',
    '202601',
    '2026-W01',
    '2026-01-02T24:00:00',
    '2026-01-02T03:04:05z',
  ];
  test.each(bad)('changes-since=%s is refused', (text) => {
    expect(() => conditions(`changes-since=${text}`)).toThrow(expect.objectContaining({ kind: 'bad-request' }));
  });

  test.each([
    ['', false],
    ['changes-since=2026-01-02', true],
    ['changes-before=2026-01-02', true],
    ['changes-since=2026-01-02&deleted=False', false],
    ['deleted=True', true],
    ['status=DELETED', true],
  ])('an administrator who asks for "%s" is shown what was deleted: %s', (query, wanted) => {
    const options = { isAdmin: true, version: '2.66' };
    expect(serverConditions(asked(query, options), named).withDeleted).toBe(wanted);
  });

  test('what was deleted is an administrator’s to list', () => {
    expect(() => conditions('status=deleted')).toThrow('Only administrators may list deleted instances');
    expect(conditions('deleted=True')).toEqual([]);
  });

  test('a span that ends before it begins is refused', () => {
    const query = 'changes-since=2026-01-02&changes-before=2026-01-01';
    expect(() => conditions(query, { version: '2.66' })).toThrow('must be less than or equal to changes-before');
  });

  test.each(['2026-01-02T03:04:05Z', '2026-01-02 03:04:05', '2026-01-02T03:04:05'])(
    'created_at=%s is text, as MySQL has it',
    (text) => {
      const [created] = conditions(`created_at=${text}`, { isAdmin: true });
      expect(created?.values).toEqual(['%2026-01-02 03:04:05%']);
    },
  );
});

describe('who may filter by what', () => {
  test('a tenant may not filter by host, an administrator may', () => {
    expect(conditions('host=site1')).toEqual([]);
    expect(conditions('host=site1', { isAdmin: true })).toHaveLength(1);
  });

  test('tags are open to tenants from 2.26', () => {
    expect(conditions('tags=a', { version: '2.25' })).toEqual([]);
    expect(conditions('tags=a', { version: '2.26' })).toHaveLength(1);
  });

  test('an unknown parameter is ignored before 2.75 and refused from then on', () => {
    expect(conditions('colour=blue', { version: '2.74' })).toEqual([]);
    expect(() => conditions('colour=blue', { version: '2.75' })).toThrow(
      "'colour' does not match any of the regexes: '^_'",
    );
  });

  test.each(['metadata', 'locked_by', '_hidden'])('%s is nothing to filter by', (name) => {
    expect(() => conditions(`${name}=x`, { isAdmin: true })).toThrow(`Invalid filter field: ${name}.`);
    expect(conditions(`${name}=x`)).toEqual([]); // a tenant's is left out before
  });

  test('other names of a filter are an administrator’s', () => {
    expect(conditions('display_name=web', { isAdmin: true })).toEqual(conditions('name=web'));
    expect(conditions('display_name=web')).toEqual([]);
  });

  test.each(['tags=a', 'locked=x', 'changes-before=2026-01-01'])(
    '%s is unknown to 2.1, for administrators too',
    (query) => {
      expect(conditions(query, { isAdmin: true })).toEqual([]);
    },
  );

  test.each(['flavor=', 'config_drive=', 'ip=('])('%s is refused, as it is no expression', (query) => {
    expect(() => conditions(query)).toThrow("is not a 'regex'");
  });

  test('of a filter that is there twice the last one counts', () => {
    expect(conditions('name=a&name=b')).toEqual(conditions('name=b'));
  });

  test('a key pair is found by a part of its name', () => {
    expect(conditions('key_name=dep', { version: '2.83' })[0]).toEqual({
      sql: `r.facts->>'key_name' ilike ?`,
      values: ['%dep%'],
    });
  });
});

test('a flavor is found by its name in bodies, and by its id where older sites write that', () => {
  const { where: inProject } = serverConditions(asked('flavor=1'), named, true);
  expect(inProject).toEqual([{ sql: `r.facts->>'flavor_name' = ?`, values: ['tiny'] }]);
  const hash = `hashtextextended(r.facts->>'flavor_name', 0) = hashtextextended(?, 0)`;
  expect(conditions('flavor=1')).toEqual([
    { sql: `${hash} and coalesce(r.facts->>'flavor_name' = ?, false)`, values: ['tiny', 'tiny'] },
  ]);
  const older = serverConditions(asked('flavor=1'), { sites, flavors: new NamedFlavors([tiny], true) }).where;
  expect(older[0]?.values).toEqual(['1', 'tiny']);
});

test('a status nobody knows is refused from 2.38', () => {
  expect(conditions('status=sleepy')).toHaveLength(1);
  expect(() => conditions('status=sleepy', { version: '2.38' })).toThrow('Invalid status value');
});

describe('names are looked for as Nova does with MySQL', () => {
  test.each([
    ['web', '%web%'],
    ['-1$', '%-1'],
    ['5%_a|b', '%5\\%\\_a|b%'],
  ])('%s is plain text', (pattern, wanted) => {
    const [name] = conditions(`name=${encodeURIComponent(pattern)}`);
    expect(name).toEqual({ sql: 'r.name ilike ?', values: [wanted] });
  });

  test.each([
    ['^web-1', 'web-1%'],
    ['^Web-1$', 'Web-1'],
    ['^50%_a|b$', '50\\%\\_a|b'],
  ])('%s is the start of a name, or all of it', (pattern, wanted) => {
    const [name] = conditions(`name=${encodeURIComponent(pattern)}`);
    expect(name).toEqual({ sql: 'lower(r.name) like lower(?::text)', values: [wanted] });
  });

  test.each([
    ['^web-[0-9]+$', '^web-[0-9]+$'],
    ['a.c|d', 'a.c\\|d'],
    ['web\\.', 'web\\.'],
  ])('%s is a pattern, and bounded in time', (pattern, wanted) => {
    const [name] = conditions(`name=${encodeURIComponent(pattern)}`);
    expect(name).toEqual({ sql: `(r.name || '') ~* ?`, values: [wanted], isPattern: true });
  });

  test.each(['[', '*', ''])("'%s' is refused", (pattern) => {
    const words = `Invalid input for query parameters name. Value: ${pattern}. '${pattern}' is not a 'regex'`;
    expect(() => conditions(`name=${encodeURIComponent(pattern)}`)).toThrow(words);
  });
});

test('a part of an address is looked for as it is', () => {
  expect(conditions('ip=10.0.')[0]).toEqual({
    sql: `translate(r.facts->>'ip4', '.', 'x') like ?`,
    values: ['%10x0x%'],
  });
  expect(conditions('ip=10x0')[0]?.values).toEqual(['%10-0%']); // no address has that
  expect(conditions('ip=10.7.1')[0]).toEqual({
    sql: `translate(r.facts->>'ip4', '.', 'x') like ? and (r.facts->>'ip4' || '') like ?`,
    values: ['%x7x1%', '%10.7.1%'],
  });
  expect(conditions('ip6=FD00:', { version: '2.5' })[0]?.values).toEqual(['%FD00:%']);
  expect(conditions('ip=10%25')[0]?.values).toEqual(['%10\\%%']);
});

test('within one project its own index is used, not one over all names', () => {
  const [name] = serverConditions(asked('name=web'), named, true).where;
  expect(name).toEqual({ sql: `(r.name || '') ilike ?`, values: ['%web%'] });
});

test.each([
  ['host=EAST', [1]],
  ['host=eas', [0]],
  ['node=eas', [[1, 2]]],
  ['availability_zone=EAST-', [2]],
  ['availability_zone=^east$', [1]],
  ['availability_zone=2$', [2]],
  ['availability_zone=west', [0]],
  ['availability_zone=e.st', ['e.st']],
])('zones and nodes are looked for in the names of sites, hosts are equal to them: %s', (query, values) => {
  const [found] = conditions(query, { isAdmin: true });
  expect(found?.values).toEqual(values);
  expect(found?.sql.includes('no_host')).toBe(!query.startsWith('availability_zone'));
});

test('booleans, and what is never kept', () => {
  expect(conditions('task_state=', { isAdmin: true })).toEqual([
    { sql: `collated(r.facts->>'task_state') = ?`, values: [''] },
  ]);
  expect(conditions('image=', { isAdmin: true })[0]?.sql).toBe(`r.facts->>'image' is null`);
  expect(conditions('config_drive=0', { isAdmin: true })[0]?.values).toEqual(['False']);
  expect(conditions('locked=false', { isAdmin: true, version: '2.73' })[0]).toMatchObject({ values: ['false'] });
  expect(conditions('locked=1', { isAdmin: true, version: '2.73' })[0]).toMatchObject({ values: ['true'] });
  expect(() => conditions('locked=x', { version: '2.73' })).toThrow("Unrecognized value 'x'");
});

// As Nova of Zed answered them on MariaDB.
test.each([
  ['uuid=A1B2', ['A1B2', 'a1b2']],
  ['vm_state=Active%20', ['ACTIVE']],
  ['user_id=fd63', ['FD63']],
  ['image=9058AB%20', ['9058ab', '9058ab']],
  ['flavor=1%20', ['tiny', 'tiny']],
  ['tags=c-T%C3%A1g,x', [['C-TAG', 'X']]],
])('%s is compared as MySQL does', (query, values) => {
  const found = conditions(query, { isAdmin: true, version: '2.26' })[0]!;
  expect(query.startsWith('uuid') ? found.values[0] : found.values).toEqual(values);
});

describe('order', () => {
  test('the newest first, and no two equal', () => {
    expect(serverSort(asked(''))).toEqual([
      { by: 'created_at', direction: 'desc' },
      { by: 'id', direction: 'desc' },
    ]);
  });

  test('the asked keys come first, under their names in the API', () => {
    expect(serverSort(asked('sort_key=display_name&sort_dir=asc'))[0]).toEqual({ by: 'name', direction: 'asc' });
  });

  test('a direction without a key is that of the time of creation', () => {
    const sort = serverSort(asked('sort_dir=asc'));
    expect(sort.map(({ by, direction }) => `${by} ${direction}`)).toEqual(['created_at asc', 'id asc']);
  });

  test('servers that are equal stand in the order of their ids', () => {
    expect(serverSort(asked('sort_key=host', { isAdmin: true })).slice(1)).toEqual([{ by: 'id', direction: 'asc' }]);
  });

  test('a key that servers are not sorted by is refused', () => {
    expect(() => serverSort(asked('sort_key=colour'))).toThrow(expect.objectContaining({ kind: 'bad-request' }));
    expect(() => serverSort(asked('sort_key=host'))).toThrow('Only administrators can sort servers by host');
    expect(serverSort(asked('sort_key=host', { isAdmin: true }))[0]?.by).toContain('host');
  });

  test.each(['user_data', 'id'])('%s is ignored with its direction before 2.75, and refused from then on', (key) => {
    const query = `sort_key=${key}&sort_key=uuid&sort_dir=desc&sort_dir=asc`;
    expect(serverSort(asked(query, { version: '2.74' }))[0]).toEqual({ by: 'id', direction: 'asc' });
    expect(() => serverSort(asked(query, { version: '2.75' }))).toThrow(`sort_key. Value: ${key}`);
  });

  test('locked is a key from 2.73', () => {
    expect(serverSort(asked('sort_key=locked', { version: '2.72' }))).toHaveLength(2);
    expect(serverSort(asked('sort_key=locked', { version: '2.73' }))[0]?.by).toBe('locked');
  });
});
