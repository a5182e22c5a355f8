import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePrefix, holds } from '@cascade/openstack-protocol/network/ip-addresses.js';
import type { Body } from '../../resources/kind.js';
import { wantedRules, type GroupAtHome } from './wanted-rules.js';

const sites = [1, 2, 3];
const groups = ['g', 'r', 's'];
const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.1.0/30', 'fd00::1', 'fd00::2'];

const rule = fc.record({
  direction: fc.constantFrom('ingress', 'egress'),
  ethertype: fc.constantFrom('IPv4', 'IPv6'),
  protocol: fc.constantFrom('tcp', null),
  remote: fc.constantFrom('g', 'r', 's', 'addresses', '10.0.0.0/31', null),
});
const group: fc.Arbitrary<GroupAtHome> = fc.record({
  id: fc.constant('g'),
  homeId: fc.constant(1),
  isDefault: fc.boolean(),
  rules: fc.array(rule, { maxLength: 4 }).map((all) =>
    all.map(({ remote, ...said }): Body => ({
      ...said,
      description: 'written',
      remote_group_id: groups.includes(remote ?? '') ? remote : null,
      remote_address_group_id: remote === 'addresses' ? remote : null,
      remote_ip_prefix: remote?.includes('/') ? remote : null,
    })),
  ),
  members: fc
    .array(
      fc.record({
        of: fc.constantFrom(...groups),
        siteId: fc.constantFrom(...sites),
        address: fc.constantFrom(...addresses),
      }),
    )
    .map(
      (all) =>
        new Map(
          groups.map((of) => [
            of,
            all.filter((one) => one.of === of).map(({ siteId, address }) => ({ siteId, addresses: [address] })),
          ]),
        ),
    ),
  places: fc.array(fc.constantFrom(...sites)).map((all) => new Map(['r', 's'].map((id) => [id, new Set(all)]))),
  addresses: fc.subarray(addresses).map((some) => new Map([['addresses', some]])),
});

/** Whether some rules admit an address, where a group is its members. */
function admits(
  rules: readonly Body[],
  { members, addresses: named }: GroupAtHome,
  of: Pick<Body, string>,
  at: string,
  siteId?: number,
) {
  const address = parsePrefix(at)!;
  const isIn = (prefix: string): boolean => {
    const found = parsePrefix(prefix)!;
    return found.version === address.version && holds(found, address.first);
  };
  const inGroup = (id: unknown): boolean =>
    (members.get(String(id)) ?? []).some((one) => (siteId ?? one.siteId) === one.siteId && one.addresses.some(isIn));
  return rules.some((one) => {
    if (one['direction'] !== of['direction'] || one['protocol'] !== of['protocol']) return false;
    if ((one['ethertype'] === 'IPv6') !== (address.version === 6)) return false;
    if (one['remote_group_id']) return inGroup(one['remote_group_id']);
    if (one['remote_address_group_id']) return (named.get('addresses') ?? []).some(isIn);
    return one['remote_ip_prefix'] ? isIn(String(one['remote_ip_prefix'])) : true;
  });
}

const probes = [...addresses.map((one) => one.split('/')[0]!), '10.0.0.4', '10.0.1.9', 'fd00::9', '192.0.2.1'];

test('no site admits what the home does not, and each admits what it does once every group is where its members are', () => {
  fc.assert(
    fc.property(group, fc.constantFrom(...sites), fc.boolean(), (at, siteId, honours) => {
      const wanted = wantedRules(at, siteId, honours);
      const all = siteId === at.homeId ? [...at.rules, ...wanted] : wanted;
      const isComplete = groups.every((id) =>
        (at.members.get(id) ?? []).every(
          (one) => one.siteId !== siteId || id === 'g' || at.places.get(id)?.has(siteId),
        ),
      );
      for (const direction of ['ingress', 'egress'])
        for (const protocol of ['tcp', null])
          for (const probe of probes) {
            const here = admits(all, at, { direction, protocol }, probe, siteId);
            const home = admits(at.rules, at, { direction, protocol }, probe);
            expect(here && !home, `${siteId} is wider for ${probe}`).toBe(false);
            if (isComplete) expect(here, `${siteId} for ${probe}`).toBe(home);
          }
    }),
    { numRuns: 500 },
  );
});

test('no rule is wanted twice, and what is ours says so', () => {
  fc.assert(
    fc.property(group, fc.constantFrom(...sites), (at, siteId) => {
      const wanted = wantedRules(at, siteId, false);
      const said = wanted.map(({ description: _description, ...words }) => JSON.stringify(words));
      const written = siteId === at.homeId ? 0 : at.rules.length;
      expect(new Set(said.slice(written)).size).toBe(said.slice(written).length);
      if (siteId === at.homeId || !at.isDefault)
        for (const { description } of wanted) expect(description).toMatch(/^cascade (copy|members) of /);
    }),
  );
});
