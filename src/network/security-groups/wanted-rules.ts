/** The rules that a security group is to have at one site, so that it admits there what it admits at its home, and nothing else. */
import { unionOf } from '@cascade/openstack-protocol/network/prefix-union.js';
import { copyMark, membersMark } from '../../homed/marks.js';
import type { Body } from '../../resources/kind.js';
import { rules } from './belongings.js';
import type { Members } from './members.js';

/** A group as its home has it, and what its rules name. */
export interface GroupAtHome {
  readonly id: string;
  readonly homeId: number | null;
  /** Each site's Neutron makes it by itself: what tenants wrote bears no mark in any site. */
  readonly isDefault: boolean;
  /** As tenants wrote them. */
  readonly rules: readonly Body[];
  /** Of the groups that its rules name. */
  readonly members: Members;
  /** Where each of those groups is: by its id. */
  readonly places: ReadonlyMap<string, ReadonlySet<number>>;
  /** What is in the address groups that its rules name. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
}

/**
 * A rule that admits a group admits, by its own words, the members that are in the same site; those elsewhere are admitted by
 * their addresses. A rule that admits an address group is written as its addresses: a Neutron takes such a rule and may then
 * admit any source, as in Zed ML2/OVN and the iptables driver do, so it is one only where the operator says that it holds.
 * @param honours whether the site's backend is known to honour rules that name an address group
 */
export function wantedRules(group: GroupAtHome, siteId: number, honours: boolean): Body[] {
  const isHome = group.homeId === siteId;
  const written = isHome ? [] : group.rules.flatMap((rule) => copiesOf(group, rule, siteId, honours));
  const elsewhere = group.rules.flatMap((rule) => admittedElsewhere(group, rule, siteId));
  // What somebody wrote needs no second rule that says the same.
  const known = new Set((isHome ? group.rules : written).map((rule) => rules.content(rule, group.id)));
  return [
    ...written,
    ...elsewhere.filter((rule) => {
      const key = rules.content(rule, group.id);
      return !known.has(key) && known.add(key);
    }),
  ];
}

/** What stands for a rule at another site than its home. */
function copiesOf(group: GroupAtHome, rule: Body, siteId: number, honours: boolean): Body[] {
  const copy = group.isDefault ? rule : { ...rule, description: copyMark(group.id) };
  const { remote_group_id: remote, remote_address_group_id: addressGroup } = rule;
  // Where nothing is of that group, nothing is to be admitted.
  if (typeof remote === 'string') return remote === group.id || group.places.get(remote)?.has(siteId) ? [copy] : [];
  if (typeof addressGroup !== 'string' || honours) return [copy];
  return byAddress(rule, addressGroup, group.addresses.get(addressGroup) ?? []);
}

function admittedElsewhere(group: GroupAtHome, rule: Body, siteId: number): Body[] {
  const { remote_group_id: remote } = rule;
  if (typeof remote !== 'string') return [];
  const others = (group.members.get(remote) ?? []).filter((members) => members.siteId !== siteId);
  return byAddress(
    rule,
    remote,
    others.flatMap(({ addresses }) => addresses),
  );
}

/** One rule for each prefix of the rule's own family. */
function byAddress(rule: Body, named: string, addresses: readonly string[]): Body[] {
  const isFamily = (prefix: string): boolean => prefix.includes(':') === (rule['ethertype'] === 'IPv6');
  return unionOf(addresses)
    .filter(isFamily)
    .map((prefix) => ({
      ...rule,
      remote_group_id: null,
      remote_address_group_id: null,
      remote_ip_prefix: prefix,
      description: membersMark(named),
    }));
}
