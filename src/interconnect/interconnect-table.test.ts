import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { NumberRange } from './interconnect.js';
import { Interconnects } from './interconnects.js';
import type { InterconnectChange, NewInterconnect } from './interconnect-table.js';
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
});

const range = (minimum: number, maximum: number): NumberRange => ({ minimum, maximum });
const members = (...sites: readonly { id: number }[]) =>
  sites.map(({ id }) => ({ siteId: id, physicalNetwork: 'physnet1' }));
const add = (name: string, more: Partial<NewInterconnect> = {}) =>
  interconnects.table.add({
    name,
    type: 'vlan',
    members: members(at.east, at.west),
    ranges: [range(100, 199)],
    joinsAnyVni: false,
    isDefault: false,
    ...more,
  });
const change = (name: string, changes: Partial<InterconnectChange>) =>
  interconnects.table.change(name, {
    members: [],
    removedSiteIds: [],
    addedRanges: [],
    removedRanges: [],
    ...changes,
  });

test('ranges are added and taken away, and run together where they touch', async () => {
  expect(await add('a', { ranges: [range(300, 399), range(100, 199), range(150, 249)] })).toMatchObject({
    name: 'a',
    ranges: [range(100, 249), range(300, 399)],
    members: members(at.east, at.west),
  });
  expect(await change('a', { addedRanges: [range(250, 299)], removedRanges: [range(120, 129)] })).toMatchObject({
    ranges: [range(100, 119), range(130, 399)],
  });
  expect(await change('a', { removedRanges: [range(1, 4094)] })).toMatchObject({ ranges: [] });
});

test('one is the default: the last of which that was said', async () => {
  await add('a', { isDefault: true });
  await add('b', { isDefault: true, ranges: [] });
  expect((await interconnects.table.all()).map(({ name, isDefault }) => [name, isDefault])).toEqual([
    ['b', true],
    ['a', false],
  ]);
  await change('b', { isDefault: false });
  expect(await interconnects.default()).toBeUndefined();
});

test('a name is used once', async () => {
  await add('a');
  await expect(add('a', { ranges: [] })).rejects.toThrow('There is an interconnect a already.');
});

test('no number is given out twice on one physical network of a site', async () => {
  await add('a');
  const words = 'Interconnect a gives out some of these numbers in site west already.';
  const there = members(at.west, at.north);
  await expect(add('b', { members: there, ranges: [range(199, 210)] })).rejects.toThrow(words);
  await add('b', { members: there, ranges: [range(200, 210)] });
  await add('c', { members: [{ siteId: at.west.id, physicalNetwork: 'physnet2' }] });
  await add('d', { type: 'vxlan', members: [{ siteId: at.west.id, physicalNetwork: null }] });
  await expect(change('b', { addedRanges: [range(180, 199)] })).rejects.toThrow(words);
  expect((await interconnects.table.require('b')).ranges).toEqual([range(200, 210)]);
});

test('of two that overlap each other, made at once, one is there', async () => {
  const made = await Promise.allSettled(['a', 'b'].map((name) => add(name)));
  expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('a site with a network of it stays a member, on the same physical network', async () => {
  await add('a');
  await interconnects.allocate('r', [at.east.id]);
  await expect(change('a', { removedSiteIds: [at.east.id] })).rejects.toThrow(
    '1 networks of this interconnect are in site east.',
  );
  await interconnects.bind('r', 'n');
  await at.store(at.east.id, network('n', 'vlan', 100, 'physnet1'));
  const elsewhere = [{ siteId: at.east.id, physicalNetwork: 'physnet2' }];
  await expect(change('a', { members: elsewhere })).rejects.toThrow('are in site east');
  await change('a', { removedSiteIds: [at.west.id], members: members(at.east, at.north) });
  expect((await interconnects.table.require('a')).members).toEqual(members(at.east, at.north));
});

test('one that is in use is not removed', async () => {
  await add('a');
  await interconnects.allocate('r', [at.east.id]);
  await interconnects.bind('r', 'n');
  await expect(interconnects.table.remove('a')).rejects.toThrow('Interconnect a is in use');
  await interconnects.release('n');
  await interconnects.table.remove('a');
  await expect(interconnects.table.remove('a')).rejects.toThrow('There is no interconnect a.');
});
