import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Joined, NotJoined, NumberRange } from './interconnect.js';
import { Interconnects } from './interconnects.js';
import type { NewInterconnect } from './interconnect-table.js';
import { network, threeSites, type TestSites } from './testing.js';

let at: TestSites;
let interconnects: Interconnects;

beforeAll(async () => {
  at = await threeSites();
  interconnects = new Interconnects(at.database, at.sites);
});
afterAll(() => at.close());
beforeEach(async () => {
  await at.database.run(`delete from interconnect_segment`);
  await at.database.run(`delete from interconnect`);
  await at.database.run(`delete from resource`);
  for (const site of [at.east, at.west, at.north]) {
    site.networks.splice(0);
    site.isSilent = false;
  }
});

const range = (minimum: number, maximum = minimum): NumberRange => ({ minimum, maximum });
const physical = (siteId: number, physicalNetwork: string | null) => ({ siteId, physicalNetwork });
const add = (name: string, more: Partial<NewInterconnect> = {}) =>
  interconnects.table.add({
    name,
    type: 'vlan',
    members: [physical(at.east.id, 'physnet1'), physical(at.west.id, 'datacentre')],
    ranges: [range(100, 109)],
    joinsAnyVni: false,
    isDefault: false,
    ...more,
  });
const addVxlan = (name: string, more: Partial<NewInterconnect> = {}) =>
  add(name, { type: 'vxlan', members: [physical(at.east.id, null), physical(at.west.id, null)], ...more });
const both = () => [at.east.id, at.west.id];
const joined = (answer: Joined | NotJoined): Joined => {
  if (!answer.isJoined) throw new Error(answer.reason);
  return answer;
};
const reasonOf = (answer: Joined | NotJoined) => (answer.isJoined ? `joined by ${answer.number}` : answer.reason);
const allocate = async (request: string = randomUUID(), siteIds = both()) =>
  joined(await interconnects.allocate(request, siteIds));
const longAgo = () => at.database.run(`update interconnect_segment set since = now() - interval '61 minutes'`);

describe('a network that is about to be made', () => {
  test('is given a segment, with the attributes that each site wants', async () => {
    await add('trunk', { ranges: [range(105)] });
    const given = await allocate();
    expect(given).toMatchObject({ interconnect: 'trunk', type: 'vlan', number: 105 });
    expect([given.at(at.east.id), given.at(at.west.id)]).toEqual([
      { 'provider:network_type': 'vlan', 'provider:physical_network': 'physnet1', 'provider:segmentation_id': 105 },
      { 'provider:network_type': 'vlan', 'provider:physical_network': 'datacentre', 'provider:segmentation_id': 105 },
    ]);
    expect(() => given.at(at.north.id)).toThrow('is no member');
  });

  test('has no physical network on a vxlan', async () => {
    await addVxlan('fabric', { ranges: [range(16_777_215)] });
    expect((await allocate()).at(at.west.id)).toEqual({
      'provider:network_type': 'vxlan',
      'provider:segmentation_id': 16_777_215,
    });
  });

  test('keeps its number when it is asked for again, and after it is made', async () => {
    await add('trunk');
    const [first, again] = await Promise.all([allocate('r'), allocate('r')]);
    await interconnects.bind('r', 'n');
    await interconnects.bind('r', 'n');
    expect([again.number, (await allocate('r')).number]).toEqual([first.number, first.number]);
    expect(await interconnects.of(['n', 'other'])).toEqual(
      new Map([['n', [{ interconnect: 'trunk', type: 'vlan', number: first.number }]]]),
    );
    await expect(interconnects.bind('r', 'another')).rejects.toThrow('no segment is reserved');
  });

  test('is given a segment of the default interconnect first, then of others', async () => {
    await add('a', { ranges: [range(1, 50)] });
    await addVxlan('z', { isDefault: true, ranges: [range(7)] });
    expect(await interconnects.default()).toEqual({ name: 'z', type: 'vxlan', siteIds: both() });
    expect([(await allocate()).interconnect, (await allocate()).interconnect]).toEqual(['z', 'a']);
  });

  test('is refused with the zones where nothing joins them', async () => {
    await add('trunk');
    const siteIds = [...both(), at.north.id];
    expect(reasonOf(await interconnects.allocate('r', siteIds))).toBe(
      'No interconnect joins the zones east, west and north. Use zones that share one, or ask the operator to add one that joins these.',
    );
  });

  test('many at once are given each number once, until none is left', async () => {
    await add('trunk', { ranges: [range(100, 119), range(200), range(300, 308)] });
    const other = new Interconnects(at.database, at.sites);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => [interconnects, other][index % 2]!.allocate(randomUUID(), both())),
    );
    const numbers = answers.flatMap((one) => (one.isJoined ? [one.number] : [])).sort((a, b) => a - b);
    const whole = [...Array.from({ length: 20 }, (_, index) => 100 + index), 200];
    expect(numbers).toEqual([...whole, ...Array.from({ length: 9 }, (_, index) => 300 + index)]);
    const refused = answers.filter((one) => !one.isJoined);
    expect(refused).toHaveLength(10);
    expect(reasonOf(refused[0]!)).toBe(
      'No segment is left that joins the zones east and west (trunk has vlan 100:119, 200:200, 300:308, all in use). ' +
        'Delete networks that are not needed, or ask the operator for more segments.',
    );
  });

  test('a number is free again when its network is deleted, or was never made', async () => {
    await add('trunk', { ranges: [range(5)] });
    await allocate('r');
    await interconnects.cancel('r');
    await allocate('s');
    await interconnects.bind('s', 'n');
    await interconnects.cancel('s');
    expect(reasonOf(await interconnects.allocate('t', both()))).toContain('No segment is left');
    await interconnects.release('n');
    expect((await allocate('t')).number).toBe(5);
  });

  test('a number that a site refuses is given to nobody for a day', async () => {
    await add('trunk', { ranges: [range(5, 6)] });
    const { number } = await allocate('r');
    const next = joined(await interconnects.inUse('r', at.west.id, number));
    expect([number, next.number].sort()).toEqual([5, 6]);
    expect(reasonOf(await interconnects.inUse('r', at.east.id, next.number))).toContain('No segment is left');
    await at.database.run(`update interconnect_block set until = now() - interval '1 s' where number = $1`, [number]);
    expect((await allocate('s')).number).toBe(number);
  });

  test('a number that a network of any member has by itself is given to nobody', async () => {
    await add('trunk', { ranges: [range(5, 9)] });
    await at.store(at.west.id, network('a', 'vlan', 5, 'datacentre'));
    await at.store(at.east.id, network('b', 'vlan', 6, 'another'));
    await at.store(at.west.id, { id: 'c', segments: [network('', 'vxlan', 7), network('', 'vlan', 8, 'datacentre')] });
    await at.store(at.north.id, network('d', 'vlan', 9, 'datacentre'));
    const numbers = [await allocate(), await allocate(), await allocate()].map((one) => one.number);
    expect(numbers.sort()).toEqual([6, 7, 9]);
    expect((await interconnects.allocate('r', both())).isJoined).toBe(false);
  });

  test('a range of all VNIs is no list to be read through', async () => {
    await addVxlan('fabric', { ranges: [range(1, 16_777_215)] });
    const numbers = await Promise.all(Array.from({ length: 20 }, async () => (await allocate()).number));
    expect(new Set(numbers).size).toBe(20);
  });
});

describe('a network that exists', () => {
  const east = (number: number, physicalNetwork = 'physnet1') => network('n', 'vlan', number, physicalNetwork);
  const toWest = (body: Record<string, unknown>, id = 'n') => interconnects.join(id, body, at.east.id, at.west.id);

  test('joins another zone by the segment it was given', async () => {
    await add('trunk');
    const given = await allocate('r');
    await interconnects.bind('r', 'n');
    const answer = joined(await toWest(east(given.number)));
    expect(answer.at(at.west.id)).toEqual(given.at(at.west.id));
    expect(reasonOf(await toWest(east(given.number + 1)))).toContain('has another one in zone east now');
  });

  test('joins as it is, by its own VLAN, inside of the ranges or not', async () => {
    await add('trunk');
    expect(joined(await toWest(east(3000))).at(at.west.id)).toEqual({
      'provider:network_type': 'vlan',
      'provider:physical_network': 'datacentre',
      'provider:segmentation_id': 3000,
    });
    expect(joined(await toWest(east(3000))).number).toBe(3000);
    expect(joined(await toWest(network('m', 'vlan', 104, 'physnet1'), 'm')).number).toBe(104);
    const rest = await Promise.all(Array.from({ length: 9 }, async () => (await allocate()).number));
    expect(rest).not.toContain(104);
  });

  test('joins by one of several segments', async () => {
    await add('trunk');
    const segments = [network('', 'vxlan', 17), network('', 'vlan', 44, 'physnet1')];
    expect(joined(await toWest({ id: 'n', segments })).number).toBe(44);
  });

  test('joins by its VNI where that is the interconnect’s, or the operator says that any is', async () => {
    await addVxlan('fabric', { ranges: [range(5000, 5999)] });
    expect(joined(await toWest(network('n', 'vxlan', 5001))).number).toBe(5001);
    expect(reasonOf(await toWest(network('m', 'vxlan', 12), 'm'))).toBe(
      'Network m cannot reach zone west: its segment in zone east is not on what joins them (fabric). ' +
        'Make a new network that names both zones, or ask the operator.',
    );
    await interconnects.table.change('fabric', {
      members: [],
      removedSiteIds: [],
      addedRanges: [],
      removedRanges: [],
      joinsAnyVni: true,
    });
    expect(joined(await toWest(network('m', 'vxlan', 12), 'm')).number).toBe(12);
  });

  test.each([
    ['on another physical network', network('n', 'vlan', 100, 'physnet2')],
    ['of another type', network('n', 'geneve', 100)],
    ['without a segment', { id: 'n', 'provider:network_type': 'flat', 'provider:segmentation_id': null }],
  ])('one %s is refused with the way out', async (_what, body) => {
    await add('trunk');
    expect(reasonOf(await toWest(body))).toMatch(/^Network n cannot reach zone west: .* Make a new network/);
  });

  test('one is refused where nothing joins the zones', async () => {
    await add('trunk');
    const answer = await interconnects.join('n', east(100), at.east.id, at.north.id);
    expect(reasonOf(answer)).toContain('No interconnect joins the zones east and north.');
  });

  test('of two zones’ networks with the same number one is joined', async () => {
    await add('trunk');
    const answers = await Promise.all([
      toWest(east(77)),
      interconnects.join('m', network('m', 'vlan', 77, 'datacentre'), at.west.id, at.east.id),
    ]);
    expect(answers.map((one) => one.isJoined).sort()).toEqual([false, true]);
    expect(answers.map(reasonOf).find((words) => words.includes('cannot reach'))).toContain(
      'another network has the same segment elsewhere',
    );
  });

  test('one that joins two zones at once has one segment', async () => {
    await add('trunk', { members: [at.east, at.west, at.north].map(({ id }) => physical(id, 'physnet1')) });
    const answers = await Promise.all(
      [at.west.id, at.north.id, at.west.id, at.north.id].map((id) => interconnects.join('n', east(9), at.east.id, id)),
    );
    expect(answers.map(reasonOf)).toEqual(Array(4).fill('joined by 9'));
    expect(await interconnects.of(['n'])).toEqual(new Map([['n', [expect.objectContaining({ number: 9 })]]]));
  });

  test('what was reserved for one that is seen to be made is its own, though nobody came to note that', async () => {
    await add('trunk');
    const { number } = await allocate('r');
    expect(joined(await toWest(east(number))).number).toBe(number);
    await interconnects.bind('r', 'n');
  });

  test('a zone that has its number in use is named, with the way out', async () => {
    await add('trunk');
    const { number } = await allocate('r');
    await interconnects.bind('r', 'n');
    const words =
      'Network n cannot reach zone west: its segment is in use by something else there. ' +
      'Make another network, or ask the operator to free the segment in west.';
    expect(reasonOf(await interconnects.inUse('r', at.west.id, number))).toBe(words);
    expect((await allocate('r')).number).toBe(number);
  });
});

describe('the sweep', () => {
  beforeEach(async () => {
    await add('trunk', { ranges: [range(5)] });
  });
  const isFree = async () => (await interconnects.allocate('next', both())).isJoined;

  test('frees what was reserved an hour ago and is in no site, and nothing younger', async () => {
    await allocate('r');
    await interconnects.sweep();
    expect(await isFree()).toBe(false);
    await longAgo();
    await interconnects.sweep();
    expect(await isFree()).toBe(true);
  });

  test('keeps what a site has, for the network that has it', async () => {
    await allocate('r');
    at.west.networks.push(network('made', 'vlan', 5, 'datacentre'));
    await longAgo();
    await interconnects.sweep();
    expect(await isFree()).toBe(false);
    expect([...(await interconnects.of(['made'])).keys()]).toEqual(['made']);
  });

  test('keeps everything while a member is silent', async () => {
    await allocate('r');
    at.west.isSilent = true;
    await longAgo();
    await interconnects.sweep();
    expect(await isFree()).toBe(false);
  });

  test('keeps the segment of a network that is known, and frees it once that is gone', async () => {
    await allocate('r');
    await interconnects.bind('r', 'n');
    await at.store(at.east.id, network('n', 'vlan', 5, 'physnet1'));
    await longAgo();
    await interconnects.sweep();
    expect((await interconnects.of(['n'])).size).toBe(1);
    await at.database.run(`update resource set deleted_at = now() where id = 'n'`);
    await interconnects.sweep();
    expect(await isFree()).toBe(true);
  });
});
