import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Body } from '../resources/kind.js';
import { kindNamed } from '../routing/world.js';
import { answer, cascadeOver, type FakeService, type TestCascade } from './testing.js';

let cascade: TestCascade;

const uuid = (digit: string): string => `${digit.repeat(8)}-1111-4111-8111-111111111111`;

const image = (digit: string, name: string, more: Body = {}): Body => ({
  id: uuid(digit),
  name,
  status: 'active',
  visibility: 'private',
  owner: 'ann-project',
  os_hidden: false,
  protected: false,
  size: 100,
  min_ram: 0,
  min_disk: 0,
  disk_format: 'raw',
  container_format: 'bare',
  tags: [],
  checksum: `md5-${name}`,
  created_at: `2026-01-0${digit}T00:00:00Z`,
  updated_at: `2026-02-0${digit}T00:00:00Z`,
  locations: [{ url: 'file:///var/lib/glance/x', metadata: {} }],
  direct_url: 'file:///var/lib/glance/x',
  ...more,
});

const atSite1 = [
  image('1', 'alpha', { tags: ['red', 'big'], os_distro: 'debian' }),
  image('2', 'beta', {
    visibility: 'public',
    owner: 'admin-project',
    size: 2000,
    disk_format: 'qcow2',
    protected: true,
  }),
  image('3', 'gamma', { visibility: 'community', owner: 'carol-project', tags: ['red'] }),
  image('4', 'delta', { visibility: 'shared' }),
];
const atSite2 = [
  image('5', 'epsilon', { owner: 'bob-project', visibility: 'shared', status: 'queued', size: null }),
  image('6', 'zeta,comma', { owner: 'bob-project' }),
  image('7', 'eta', { visibility: 'public', owner: 'admin-project', os_hidden: true }),
  image('8', 'theta', { status: 'killed' }),
  image('2', 'beta', { visibility: 'public', owner: 'admin-project' }),
];

beforeAll(async () => {
  const empty: FakeService = (_request, response) => answer(response, 200, { images: [] });
  cascade = await cascadeOver([empty, empty]);
  const { inventory, sites } = cascade.world;
  const [site1, site2] = [sites.require(1), sites.require(2)];
  const member = (digit: string, projectId: string, status: string) => ({
    id: `${uuid(digit)}/${projectId}`,
    image_id: uuid(digit),
    member_id: projectId,
    status,
  });
  const [images, members] = [kindNamed(cascade.world, 'image'), kindNamed(cascade.world, 'image_member')];
  await inventory.store(images, site1, atSite1, new Date());
  await inventory.store(images, site2, atSite2, new Date());
  // The second is of an image that site1 does not have: it says nothing about site2's of the same id.
  const [shares, stray] = [member('4', 'bob-project', 'accepted'), member('5', 'ann-project', 'accepted')];
  await inventory.store(members, site1, [shares, stray], new Date());
  await inventory.store(members, site2, [member('5', 'ann-project', 'pending')], new Date());
});
afterAll(() => cascade.close());

interface Listed {
  images: { id: string; name: string; [key: string]: unknown }[];
  first: string;
  next?: string;
}

async function list(query: string, token = 'ann'): Promise<Listed> {
  const { status, body } = await cascade.get(`/image/v2/images${query}`, token);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as unknown as Listed;
}

const names = async (query: string, token = 'ann'): Promise<string[]> =>
  (await list(query, token)).images.map((one) => one.name);

describe('who sees which image', () => {
  test.each([
    ['own, public and accepted ones, newest first', '', 'ann', ['delta', 'beta', 'alpha']],
    ['bob was given delta', '', 'bob', ['zeta,comma', 'epsilon', 'delta', 'beta']],
    ['an administrator: everything but community', '', 'admin', ['zeta,comma', 'epsilon', 'delta', 'beta', 'alpha']],
    ['pending shares, when asked for', '?member_status=pending', 'ann', ['epsilon', 'delta', 'beta', 'alpha']],
    ['no share was rejected', '?member_status=rejected', 'ann', ['delta', 'beta', 'alpha']],
    ['shared: own and with me', '?visibility=shared&member_status=all', 'ann', ['epsilon', 'delta']],
    ['community, when asked for', '?visibility=community', 'ann', ['gamma']],
    ['all is everything that may be seen', '?visibility=all', 'ann', ['delta', 'gamma', 'beta', 'alpha']],
    ['private ones are one’s own', '?visibility=private', 'ann', ['alpha']],
    ['an administrator sees others’ private ones', '?visibility=private', 'admin', ['zeta,comma', 'alpha']],
    ['another owner’s: only what is public', '?owner=admin-project', 'ann', ['beta']],
    ['hidden ones, when asked for', '?os_hidden=true', 'ann', ['eta']],
  ])('%s', async (_why, query, token, expected) => {
    expect(await names(query, token)).toEqual(expected);
  });

  test('an image that two sites hold is listed once, as the first has it', async () => {
    const { images } = await list('?name=beta');
    expect(images.map((one) => [one.id, one['size']])).toEqual([[uuid('2'), 2000]]);
  });

  test('where a site keeps the bytes is shown to administrators alone', async () => {
    const [seen] = (await list('?name=alpha')).images;
    expect(seen).not.toHaveProperty('locations');
    expect(seen).not.toHaveProperty('direct_url');
    const [all] = (await list('?name=alpha', 'admin')).images;
    expect(all).toMatchObject({ direct_url: 'file:///var/lib/glance/x' });
  });
});

describe('filters', () => {
  test.each([
    ['?name=alpha', ['alpha']],
    ['?name=in:alpha,beta', ['beta', 'alpha']],
    ['?name=in:"zeta,comma",alpha', ['zeta,comma', 'alpha']],
    ['?name=eq:alpha', ['alpha']],
    [`?id=in:${uuid('1')},${uuid('4')}`, ['delta', 'alpha']],
    ['?status=queued', ['epsilon']],
    ['?status=killed', []],
    ['?disk_format=in:qcow2,vhd', ['beta']],
    ['?container_format=ova', []],
    ['?tag=red', ['alpha']],
    ['?tag=red&tag=big', ['alpha']],
    ['?tag=red&tag=small', []],
    ['?tag=%00', []],
    ['?tags=&tag=red', ['alpha']],
    ['?tags=red', []],
    ['?tag=red&visibility=all', ['gamma', 'alpha']],
    ['?size_min=1000', ['beta']],
    ['?size_max=100&name=in:alpha,beta,epsilon', ['alpha']],
    ['?size=2000', ['beta']],
    ['?protected=true', ['beta']],
    ['?checksum=md5-delta', ['delta']],
    ['?os_distro=debian', ['alpha']],
    ['?os_distro=fedora', []],
    ['?os_distro=%00', []],
    ['?%00=fedora', []],
    ['?created_at=gt:2026-01-04T00:00:00Z', ['zeta,comma', 'epsilon']],
    ['?created_at=gte:2026-01-04T00:00:00Z', ['zeta,comma', 'epsilon', 'delta']],
    ['?created_at=2026-01-04T00:00:00Z', ['delta']],
    ['?created_at=lt:2026-01-02', ['alpha']],
    ['?updated_at=lte:2026-02-01T00:00:00', ['alpha']],
    ['?updated_at=neq:2026-02-01T00:00:00&size_max=100&status=active', ['zeta,comma', 'delta']],
    ['?name=no%27such;--', []],
  ])('%s', async (query, expected) => {
    expect(await names(query, 'admin')).toEqual(expected);
  });

  test.each([
    ['?limit=x', 'limit param must be an integer'],
    ['?limit=-1', 'limit param must be positive'],
    ['?visibility=secret', 'Invalid visibility value: secret'],
    ['?member_status=maybe', 'Invalid status: maybe'],
    ['?os_hidden=yes', `Invalid value 'yes' for 'os_hidden' filter. Valid values are 'true' or 'false'.`],
    ['?protected=True', `Invalid value 'True' for 'protected' filter. Valid values are 'true' or 'false'.`],
    ['?changes-since=2026-01-01', 'The "changes-since" filter is no longer available on v2.'],
    ['?size_min=big', 'Unable to filter on a range with a non-numeric value.'],
    ['?created_at=gt:yesterday', 'Bad "created_at" query filter format. Use ISO 8601 DateTime notation.'],
    ['?created_at=gt:2026-02-31', 'Bad "created_at" query filter format. Use ISO 8601 DateTime notation.'],
    ['?created_at=in:2026-01-01', 'Unable to filter on a unknown operator.'],
    ['?name=like:a', "Unable to filter by unknown operator 'like'."],
    ['?name=in:"a', 'Invalid filter value "a. The quote is not closed.'],
    ['?name=in:a"b"', 'Invalid filter value a"b". There is no comma before opening quotation mark.'],
    ['?name=in:"a"b', 'Invalid filter value "a"b. There is no comma after closing quotation mark.'],
    ['?sort_key=owner', /^Invalid sort key: owner\. It must be one of the following: name, status, /],
    ['?sort_dir=up', 'Invalid sort direction: up'],
    ['?sort_key=name&sort_dir=asc&sort_dir=desc', 'Number of sort dirs does not match the number of sort keys'],
    ['?sort=name:asc&sort_key=name', 'Old and new sorting syntax cannot be combined'],
    [`?marker=${uuid('9')}`, `No image found with ID ${uuid('9')}`],
  ])('%s is refused in Glance’s words', async (query, words) => {
    const { status, body } = await cascade.get(`/image/v2/images${query}`, 'ann');
    expect(status).toBe(400);
    // webob's page, as JSON
    const message = String(body['message']).replace(/<br \/><br \/>\n\n\n$/, '');
    expect(message).toEqual(words instanceof RegExp ? expect.stringMatching(words) : words);
  });

  test('a marker that the caller may not see is 403', async () => {
    expect(await cascade.get(`/image/v2/images?marker=${uuid('6')}`, 'ann')).toMatchObject({ status: 403 });
  });
});

describe('order and pages', () => {
  test.each([
    ['?sort=name', ['zeta,comma', 'epsilon', 'delta', 'beta', 'alpha']],
    ['?sort=name:asc', ['alpha', 'beta', 'delta', 'epsilon', 'zeta,comma']],
    ['?sort_key=name&sort_dir=asc', ['alpha', 'beta', 'delta', 'epsilon', 'zeta,comma']],
    ['?sort_dir=asc', ['alpha', 'beta', 'delta', 'epsilon', 'zeta,comma']],
    ['?sort=size:asc,name:desc', ['epsilon', 'zeta,comma', 'delta', 'alpha', 'beta']],
    ['?sort_key=size&sort_key=name&sort_dir=asc', ['epsilon', 'alpha', 'delta', 'zeta,comma', 'beta']],
  ])('%s', async (query, expected) => {
    expect(await names(`${query}&name=in:alpha,beta,delta,epsilon,%22zeta,comma%22`, 'admin')).toEqual(expected);
  });

  test('pages go on where the last one ended, through both sites, under relative links', async () => {
    const seen: string[] = [];
    let query: string | undefined = '?limit=2&sort=size:asc';
    while (query !== undefined) {
      const page = await list(query, 'admin');
      seen.push(...page.images.map((one) => one.name));
      expect(page.first).toBe('/v2/images?limit=2&sort=size%3Aasc');
      expect(page.next ?? '/v2/images?').toMatch(/^\/v2\/images\?/);
      query = page.next?.slice('/v2/images'.length);
      expect(seen.length).toBeLessThan(10);
    }
    expect(seen).toEqual(['epsilon', 'alpha', 'delta', 'zeta,comma', 'beta']);
  });

  test('no limit is 25 at most, and 0 is none', async () => {
    expect((await list('', 'admin')).next).toBeUndefined();
    expect(await list('?limit=0', 'admin')).toMatchObject({ images: [] });
  });
});
