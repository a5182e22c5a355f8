/** The operator's way back after a lost database: the sites know almost everything. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from '../src/cli/program.js';
import { tell } from '../src/database/notices.js';
import { operator, startTestCascade, type TestCascade } from './cascade.js';

let cloud: TestCascade;
let file: string;

beforeAll(async () => {
  cloud = await startTestCascade();
  file = path.join(cloud.dataDir, 'sites.json');
});
afterAll(() => cloud.close());
beforeEach(() => {
  vi.stubEnv('OS_AUTH_URL', `${cloud.url}/identity/v3`);
  vi.stubEnv('OS_USERNAME', operator.name);
  vi.stubEnv('OS_PASSWORD', operator.password);
  vi.stubEnv('OS_PROJECT_NAME', 'admin');
  vi.stubEnv('CASCADE_DATA_DIR', cloud.dataDir);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([cloud.keystone, cloud.east, cloud.west].map(({ server }) => server.recover()));
});

/** What `cascade …` prints, and how it ends. */
async function command(words: string): Promise<{ out: string; errors: string; code: number }> {
  const said = { out: '', errors: '' };
  const streams = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true)),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.errors += String(text)), true)),
  ];
  process.exitCode = 0;
  await run(['node', 'cascade', ...words.split(' ')]).finally(() => streams.forEach((one) => one.mockRestore()));
  const code = Number(process.exitCode ?? 0);
  process.exitCode = 0;
  return { ...said, code };
}

const site = async (name: string) =>
  (await cloud.ask('GET', `/cascade/v1/sites/${name}`, { token: cloud.admin })).body.site;
const serverNames = async (): Promise<string[]> =>
  (
    await cloud.ask('GET', '/compute/v2.1/servers?all_tenants=1&sort_key=display_name&sort_dir=asc', {
      token: cloud.admin,
    })
  ).body.servers.map((server: { name: string }) => server.name);
async function loseDatabase(): Promise<void> {
  const { database, sites } = cloud.cascade.world;
  // In the order in which the program locks them, which goes on reading.
  await database.run(`truncate feed, resource, global_resource, shadow, project_site, placement_decision, site cascade;
                      alter sequence site_id_seq restart`);
  await sites.load();
  // Its process gives up the leases of its sites, which a new one would not have: their ids come back with the sites.
  const { at } = await database.one<{ at: string }>('select clock_timestamp()::text as at');
  await tell(database, 'cascade_sites');
  const renewed = () => database.many('select id from process where seen_at > $1::timestamptz', [at]);
  await expect.poll(renewed).not.toEqual([]);
  // And the feeds forget when they were to read them: their timer, twice as fast, is due before this one, whatever else is late.
  await delay(1_000);
}

describe('site export', () => {
  test('tells what makes the clouds sites, and no secret', async () => {
    const { out, code } = await command('site export');
    expect(code).toBe(0);
    expect(JSON.parse(out).sites).toMatchObject([
      {
        id: 1,
        name: 'east',
        state: 'enabled',
        region: 'RegionEast',
        interface: 'public',
        insecure: false,
        auth: { username: operator.name },
      },
      { id: 2, name: 'west', auth_url: cloud.keystone.server.url },
    ]);
    expect(out).not.toMatch(/sealed|password|horse/);
  });

  test('secrets leave the cascade sealed, and are opened where its key is', async () => {
    const sealed = await cloud.ask('GET', '/cascade/v1/export?sealed=true', { token: cloud.admin });
    expect(sealed.text).not.toContain('horse');
    expect((await cloud.ask('GET', '/cascade/v1/export?sealed=true', { token: cloud.member })).status).toBe(403);
    const { out } = await command('site export --with-secrets');
    expect(JSON.parse(out).sites[0].auth.password).toBe(operator.password);
    vi.stubEnv('CASCADE_DATA_DIR', path.join(cloud.dataDir, 'elsewhere'));
    expect(await command('site export --with-secrets')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('run this where'),
    });
    vi.stubEnv('CASCADE_SECRET_KEY', Buffer.alloc(32, 1).toString('base64'));
    expect(await command('site export --with-secrets')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('not the key'),
    });
  });

  test('a file is its owner’s alone', async () => {
    await command(`site export --with-secrets --output ${file}`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe('rebuild', () => {
  beforeAll(async () => {
    const flavor = { name: 'm1', vcpus: 1, ram: 512, disk: 1, 'os-flavor-access:is_public': true };
    cloud.east.put('flavors', flavor);
    for (const [at, name] of ['e1', 'e2', 'e3', 'w1'].entries()) {
      (at < 3 ? cloud.east : cloud.west).put('servers', { name, tenant_id: cloud.project });
    }
    cloud.west.put('networks', { name: 'net', tenant_id: cloud.project });
  });

  test('brings everything back that the sites know, says what, and what they cannot know', async () => {
    await cloud.ask('PATCH', '/cascade/v1/sites/west', { token: cloud.admin, body: { state: 'draining' } });
    await command(`site export --output ${file}`);
    await loseDatabase();
    expect(await serverNames().catch(() => [])).toEqual([]);

    const { errors } = await command(`rebuild ${file}`);
    expect(errors).toContain('set CASCADE_SITE_EAST_PASSWORD, CASCADE_SITE_WEST_PASSWORD');
    expect(cloud.cascade.world.sites.all()).toEqual([]);

    vi.stubEnv('CASCADE_SITE_EAST_PASSWORD', operator.password);
    vi.stubEnv('CASCADE_SITE_WEST_PASSWORD', operator.password);
    // A project may have a quota, and nothing yet.
    cloud.keystone.server.fail(200, /GET .*\/v3\/projects/, { projects: [{ id: 'idle' }, { id: 'usual' }] });
    const usual = { cores: 20, instances: 10 };
    cloud.east.server.fail(200, /compute.*quota-sets/, { quota_set: usual });
    cloud.east.server.fail(200, /compute.*quota-sets.idle$/, { quota_set: { ...usual, id: 'idle', cores: 64 } });
    const { out, code } = await command(`rebuild ${file}`);
    expect([code, await serverNames()]).toEqual([0, ['e1', 'e2', 'e3', 'w1']]);
    expect(out).toContain('quotas of 3 projects are looked at: 1 found');
    expect(await cloud.cascade.world.globals.find('compute_quota', 'idle')).toMatchObject({
      body: { cores: 64 },
    });
    expect([(await site('east')).id, (await site('west')).id, (await site('west')).state]).toEqual([1, 2, 'draining']);
    expect(out).toMatch(/east: added\n.*east: read after \d+ s/s);
    expect(out).toMatch(/│ east +│ +3 │[^]*│ west +│ +1 │[^]*│ all +│ +4 │/);
    expect(out).toMatch(/The same in every site: .*flavor 1/);
    expect(out).toContain('- aggregates, and the zones that were made of them');
  }, 60_000);

  test('run again, adds nothing and keeps what is there', async () => {
    const { out, errors, code } = await command(`rebuild ${file}`);
    expect(errors).toContain('Keystone does not tell you its projects');
    expect(code).toBe(0);
    expect(out).not.toContain('added');
    expect((await site('east')).id).toBe(1);
  });

  test('a site that does not tell its quotas is named, and nothing else is lost by it', async () => {
    cloud.east.server.fail(500, /compute.*quota-sets/);
    expect(await command(`rebuild ${file}`)).toMatchObject({
      code: 1,
      errors: expect.stringContaining('Availability zone east does not tell its compute quotas.'),
    });
    expect(await serverNames()).toEqual(['e1', 'e2', 'e3', 'w1']);
  });

  test('a site that does not answer keeps no other from coming back, and comes back with the next run', async () => {
    await command(`site export --with-secrets --output ${file}`);
    await loseDatabase();
    await cloud.west.server.refuse();
    const first = await command(`rebuild ${file} --timeout 2`);
    expect(first).toMatchObject({ code: 1, errors: expect.stringMatching(/not read: west \(.*does not answer/) });
    expect(await serverNames()).toEqual(['e1', 'e2', 'e3']);
    await cloud.west.server.recover();
    expect(await command(`rebuild ${file}`)).toMatchObject({ code: 0, out: expect.stringContaining('west: added') });
    expect(await serverNames()).toEqual(['e1', 'e2', 'e3', 'w1']);
  }, 60_000);

  test('--site reads what is in doubt anew', async () => {
    const { database } = cloud.cascade.world;
    await database.run(`update resource set facts = jsonb_set(facts, '{name}', '"wrong"'), body = replace(body, '"e1"', '"wrong"')
                         where kind = 'server' and facts->>'name' = 'e1'`);
    expect(await serverNames()).toEqual(['e2', 'e3', 'w1', 'wrong']);
    const { out, code } = await command('rebuild --site east');
    expect([code, await serverNames()]).toEqual([0, ['e1', 'e2', 'e3', 'w1']]);
    expect(out).toMatch(/east: read after/);
    expect(await command('rebuild --site nowhere')).toMatchObject({
      code: 1,
      errors: 'cascade: There is no site nowhere.\n',
    });
  }, 60_000);

  test('a file that is none is refused with what is wrong with it', async () => {
    expect((await command('rebuild /nowhere/sites.json')).errors).toContain('no such file');
    expect((await command('rebuild package.json')).errors).toMatch(/package.json: sites: /);
    expect((await command('rebuild README.md')).errors).toContain('README.md is no JSON');
    expect((await command(`rebuild ${file} --site east`)).errors).toContain('give either a file');
    expect((await command('rebuild')).errors).toContain('give either a file');
    expect((await readFile(file, 'utf8')).length).toBeGreaterThan(10);
  });
});
