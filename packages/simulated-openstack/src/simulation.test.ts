/** Releases, profiles, memory and churn. */
import { describe, expect, test, vi } from 'vitest';
import { startChurn } from './churn.js';
import { SimulatedCloud } from './cloud.js';
import { usualDurations } from './durations.js';
import { bytesNeeded, requireMemory } from './memory.js';
import { sequence } from './noise.js';
import { BadProfile, latencyOf, parseProfile, profileNamed } from './profile.js';
import { simulatedProjects } from './projects.js';
import { releaseNames, releases } from './releases.js';
import { openTestCloud } from './testing-cloud.js';

test.each(releaseNames)('a cloud of release %s speaks its microversions and no other', async (release) => {
  const cloud = await openTestCloud({ release });
  const { min, max } = releases[release].microversions.compute!;
  const { versions } = (await cloud.ask('GET /compute/')).body;
  expect(versions.at(-1)).toMatchObject({ id: 'v2.1', version: max, min_version: min });
  const newer = max.replace(/\d+$/, (minor) => String(Number(minor) + 1));
  const ask = (version: string) => cloud.ask('GET /compute/v2.1/servers', { version });
  expect([(await ask(max)).status, (await ask(newer)).status]).toEqual([200, 406]);
  expect((await ask('latest')).headers['openstack-api-version']).toBe(`compute ${max}`);
  const { extensions } = (await cloud.ask('GET /network/v2.0/extensions')).body;
  expect(extensions.map(({ alias }: { alias: string }) => alias).sort()).toEqual(
    [...new Set(releases[release].networkExtensions)].sort(),
  );
  await cloud.close();
});

describe('a profile', () => {
  test.each([
    ['{\n  "latencies": {},\n  "durations": {,}\n}', /^p\.json:3: /],
    ['{\n  "latencies": {', /^p\.json:2: /],
    ['{\n  "latencies": {\n    "compute DANCE": {"p50": 1, "p95": 2}\n  }\n}', /^p\.json:3: .*is no service and verb/],
    [
      '{\n  "latencies": {\n    "compute GET": {"p50": 1, "p95": 2},\n    "network GET": {\n      "p50": 3,\n      "p95": 2 } } }',
      /^p\.json:4: .*p95 is less than p50/,
    ],
    ['{\n  "latencies": {},\n  "durations": {\n    "server build": -1 } }', /^p\.json:4: durations\.server build: /],
    ['{\n  "colour": 1,\n  "latencies": {} }', /^p\.json:\d+: .*colour/],
  ])('that cannot be used names the line: %j', (text, words) => {
    expect(() => parseProfile(text, 'p.json')).toThrow(BadProfile);
    expect(() => parseProfile(text, 'p.json')).toThrow(words);
  });

  test('fills up what it does not say', () => {
    const { durations } = parseProfile('{"latencies": {}, "durations": {"server build": 7}}', 'p.json');
    expect(durations).toEqual({ ...usualDurations, 'server build': 7 });
  });

  test('has half of the answers below its median, and one in twenty above its p95', () => {
    const { latencies } = parseProfile('{"latencies": {"compute GET": {"p50": 40, "p95": 100}}}', 'p.json');
    const latency = latencyOf({ latencies }, sequence(1));
    const drawn = Array.from({ length: 4_000 }, () => latency('compute', 'GET'));
    expect(drawn.filter((ms) => ms < 40).length / 4_000).toBeCloseTo(0.5, 1);
    expect(drawn.filter((ms) => ms > 100).length / 4_000).toBeCloseTo(0.05, 1.5);
    expect(latency('network', 'GET')).toBe(0);
  });

  test('that was recorded can be used', async () => {
    expect(Object.keys((await profileNamed('zed'))!.latencies)).toEqual(
      expect.arrayContaining(['compute GET', 'volume POST']),
    );
  });
});

describe('memory', () => {
  test('of a million servers that nobody touches is that of their clouds', () => {
    expect(bytesNeeded({ sites: 100, servers: 10_000, churnPerMinute: 0 })).toBeLessThan(500e6);
  });

  test('that is not there is said before anything starts', () => {
    const plan = { sites: 100, servers: 10_000, churnPerMinute: 0.01 };
    expect(() => requireMemory(plan, 4e9)).not.toThrow();
    expect(() => requireMemory(plan, 5e8)).toThrow(
      /^100 clouds with 1,000,000 servers need about 1\.\d GB of memory, and 0\.5 GB are there\./,
    );
    expect(() => requireMemory({ ...plan, servers: 2 ** 29 }, 1e15)).toThrow(/has 268,435,455 servers at most/);
  });
});

test('projects are the same in every cloud of a seed', () => {
  expect(simulatedProjects(3, 1)).toEqual(simulatedProjects(5, 1).slice(0, 3));
  expect(simulatedProjects(1, 1)[0]).toEqual({ id: expect.stringMatching(/^[0-9a-f]{32}$/), name: 'tenant-0000' });
  expect(simulatedProjects(1, 2)[0]!.id).not.toBe(simulatedProjects(1, 1)[0]!.id);
});

test('churn touches the asked share of the servers, the same ones for the same seed', async () => {
  vi.useFakeTimers();
  const clouds = [1, 2].map(() => new SimulatedCloud({ name: 'z1', servers: 600, projectIds: ['a'.repeat(32)] }));
  for (const cloud of clouds) startChurn(cloud, { perMinute: 1 });
  await vi.advanceTimersByTimeAsync(1_200);
  for (const cloud of clouds) cloud.close();
  const touched = clouds.map(({ servers }) =>
    servers.changedSince(Date.now() - 60_000).map(({ id, vmState }) => `${id} ${vmState}`),
  );
  expect(touched[0]!.length).toBeGreaterThanOrEqual(5);
  expect(touched[0]!.length).toBeLessThanOrEqual(20);
  vi.useRealTimers();
  expect(touched[1]).toEqual(touched[0]);
});
