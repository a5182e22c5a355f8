/** What operators say of interconnects, and are told. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { run } from '../src/cli/program.js';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';

let cloud: SimulatedCascade;

beforeAll(async () => {
  cloud = await startSimulatedCascade();
});
afterAll(() => cloud.close());
afterEach(async () => {
  vi.unstubAllEnvs();
  const { database } = cloud.cascade.world;
  await database.run(`delete from interconnect_segment`);
  await database.run(`delete from interconnect`);
});

const operator = (call: string, body?: unknown) => cloud.admin(call.replace(' ', ' /cascade/v1'), body);
const on = (site: string, physical_network: string | null = 'physnet1') => ({ site, physical_network });
const trunk = {
  name: 'trunk',
  type: 'vlan',
  sites: [on('east'), on('west', 'public')],
  ranges: [{ minimum: 100, maximum: 199 }],
};
const siteIds = () => cloud.cascade.world.sites.all().map(({ id }) => id);

/** What `cascade …` prints, and how it ends. */
async function command(...words: string[]): Promise<{ out: string; code: number }> {
  let out = '';
  const take = (text: unknown): boolean => ((out += String(text)), true);
  const streams = [
    vi.spyOn(process.stdout, 'write').mockImplementation(take),
    vi.spyOn(process.stderr, 'write').mockImplementation(take),
  ];
  vi.stubEnv('OS_AUTH_URL', `${cloud.url}/identity/v3`);
  vi.stubEnv('OS_USERNAME', 'admin');
  vi.stubEnv('OS_PASSWORD', 'correct horse');
  vi.stubEnv('OS_PROJECT_NAME', 'admin');
  process.exitCode = 0;
  await run(['node', 'cascade', 'interconnect', ...words]).finally(() =>
    streams.forEach((stream) => stream.mockRestore()),
  );
  const code = Number(process.exitCode ?? 0);
  process.exitCode = 0;
  return { out, code };
}

test('one is added, changed, listed, shown and removed', async () => {
  const added = await operator('POST /interconnects', { ...trunk, is_default: true });
  expect([added.status, added.body.interconnect]).toEqual([
    201,
    {
      ...trunk,
      is_default: true,
      any_vni: false,
      segments_in_ranges: 100,
      segments_used: 0,
      segments: [],
      blocked: [],
      warnings: [],
    },
  ]);
  const changed = await operator('PATCH /interconnects/trunk', {
    sites: [on('west')],
    add_ranges: [{ minimum: 200, maximum: 209 }],
    remove_ranges: [{ minimum: 110, maximum: 119 }],
    is_default: false,
  });
  expect([changed.status, changed.body.interconnect]).toMatchObject([
    200,
    {
      sites: [on('east'), on('west')],
      ranges: [
        { minimum: 100, maximum: 109 },
        { minimum: 120, maximum: 209 },
      ],
      is_default: false,
    },
  ]);
  expect((await operator('GET /interconnects')).body.interconnects).toMatchObject([
    { name: 'trunk', segments_in_ranges: 100, segments_used: 0 },
  ]);
  expect((await operator('DELETE /interconnects/trunk')).status).toBe(204);
  expect((await operator('GET /interconnects/trunk')).status).toBe(404);
});

test.each([
  [{ name: 'a b' }, 400, /^name: must be letters/],
  [{ type: 'bgpvpn' }, 400, 'type: interconnects of type bgpvpn are not supported yet.'],
  [{ type: 'gre' }, 400, /^type: /],
  [{ sites: [] }, 400, /^sites: /],
  [{ sites: [on('east', null)] }, 400, 'sites: the name of the physical network in site east is missing.'],
  [{ sites: [on('east'), on('east', 'public')] }, 400, 'sites: east is named twice.'],
  [{ sites: [on('south')] }, 404, 'There is no site south.'],
  [{ type: 'vxlan' }, 400, 'sites: a vxlan has no physical network, but site east was given one.'],
  [{ ranges: [{ minimum: 4000, maximum: 4095 }] }, 400, 'ranges: 4000:4095 is not within 1:4094 (vlan).'],
  [{ ranges: [{ minimum: 9, maximum: 8 }] }, 400, /minimum must not be above maximum/],
  [{ ranges: [{ minimum: 0, maximum: 8 }] }, 400, /^ranges\.0\.minimum: /],
  [{ any_vni: true }, 400, 'any_vni: a vlan has no VNIs.'],
  [{ mtu: 1500 }, 400, /mtu/],
])('what cannot be is refused by name: %j', async (changes, status, words) => {
  const answer = await operator('POST /interconnects', { ...trunk, ...changes });
  expect([answer.status, answer.body.error.message]).toEqual([
    status,
    typeof words === 'string' ? words : expect.stringMatching(words),
  ]);
  expect((await operator('GET /interconnects')).body.interconnects).toEqual([]);
});

test('what networks have of it is shown, and keeps it and its sites', async () => {
  await operator('POST /interconnects', trunk);
  const { interconnects } = cloud.cascade.world;
  const given = await interconnects.allocate('r', siteIds());
  if (!given.isJoined) throw new Error(given.reason);
  const refused = await interconnects.inUse('r', siteIds()[0]!, given.number);
  if (!refused.isJoined) throw new Error(refused.reason);
  await interconnects.bind('r', 'n');
  const since = expect.any(String) as string;
  expect((await operator('GET /interconnects/trunk')).body.interconnect).toMatchObject({
    segments_used: 1,
    segments: [{ number: refused.number, network_id: 'n', is_own: false, since }],
    blocked: [{ number: given.number, site: 'east' }],
  });
  const answer = await operator('DELETE /interconnects/trunk');
  expect([answer.status, answer.body.error.message]).toEqual([409, expect.stringContaining('is in use')]);
  expect((await operator('POST /interconnects', trunk)).status).toBe(409);
  await interconnects.release('n');
});

test('none but operators may', async () => {
  const tenant = await cloud.tenant('curious');
  for (const call of ['GET /cascade/v1/interconnects', 'POST /cascade/v1/interconnects'])
    expect((await tenant(call, call.startsWith('POST') ? trunk : undefined)).status).toBe(403);
});

test('what no agent of a site has is a warning, where it is added and where the site is shown', async () => {
  const words = 'No agent of site west has physical network datacentre; they have: physnet1, public.';
  const added = await operator('POST /interconnects', { ...trunk, sites: [on('east'), on('west', 'datacentre')] });
  expect([added.status, added.body.interconnect.warnings]).toEqual([201, [words]]);
  const { site } = (await operator('GET /sites/west')).body;
  expect(site.warnings).toContain(words);
  expect(site.interconnects).toEqual([{ interconnect: 'trunk', type: 'vlan', physical_network: 'datacentre' }]);
});

test('the command says the same', async () => {
  const site = ['--site', 'east=physnet1', '--site', 'west=datacentre'];
  const added = await command('add', 'trunk', '--type', 'vlan', ...site, '--range', '100:199', '--range', '300');
  expect(added).toEqual({
    code: 0,
    out:
      'warning: No agent of site west has physical network datacentre; they have: physnet1, public.\n' +
      'Interconnect trunk (vlan) joins east, west, with 101 segments to give.\n',
  });
  const changed = await command('set', 'trunk', '--site', 'west=physnet1', '--remove-range', '300:300', '--default');
  expect(changed).toEqual({
    code: 0,
    out: 'Interconnect trunk (vlan) joins east, west, with 100 segments to give.\n',
  });
  expect((await command('list')).out).toMatch(/trunk .* vlan .* east, west .* 100:199 .* 0 .* yes/);
  await cloud.cascade.world.interconnects.allocate('r', siteIds());
  const { out } = await command('show', 'trunk');
  expect(out).toMatch(/Site east\s+│ physnet1/);
  expect(out).toMatch(/Segment 1\d\d\s+│ being made/);
  expect(JSON.parse((await command('show', 'trunk', '--json')).out)).toMatchObject({ name: 'trunk', is_default: true });
  expect(await command('remove', 'trunk')).toEqual({ code: 1, out: expect.stringContaining('is in use') });
  await cloud.cascade.world.interconnects.cancel('r');
  expect((await command('set', 'trunk', '--no-default', '--remove-site', 'west')).code).toBe(0);
  expect((await operator('GET /interconnects/trunk')).body.interconnect).toMatchObject({
    is_default: false,
    sites: [on('east')],
  });
  expect((await command('remove', 'trunk')).code).toBe(0);
});

test('a range that is none is refused by the command', async () => {
  const { out, code } = await command('add', 'a', '--type', 'vxlan', '--site', 'east', '--range', '1-9');
  expect([code, out]).toEqual([1, "cascade: a range is FIRST:LAST, not '1-9'\n"]);
});
