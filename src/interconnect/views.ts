/** Interconnects as operators see them. */
import type { SiteRegistry } from '../sites/registry.js';
import type { Interconnect, InterconnectType, NumberRange } from './interconnect.js';
import type { Interconnects } from './interconnects.js';
import { probe, probeMember } from './probe.js';

export interface ShownInterconnect {
  readonly name: string;
  readonly type: InterconnectType;
  readonly is_default: boolean;
  readonly any_vni: boolean;
  readonly sites: readonly { site: string; physical_network: string | null }[];
  readonly ranges: readonly NumberRange[];
  /** Of the ranges. */
  readonly segments_in_ranges: number;
  /** That networks have, or are about to have; also outside of the ranges. */
  readonly segments_used: number;
}

export interface ShownInterconnectInFull extends ShownInterconnect {
  readonly segments: readonly ShownSegment[];
  /** Numbers that a site refused, since something else has them there. */
  readonly blocked: readonly { number: number; site: string; until: Date }[];
  readonly warnings: readonly string[];
}

export interface ShownSegment {
  readonly number: number;
  /** Null while it is being made. */
  readonly network_id: string | null;
  /** The network had it by itself, and was not given it. */
  readonly is_own: boolean;
  readonly since: Date;
}

/** A site's part in an interconnect. */
export interface ShownMembership {
  readonly interconnect: string;
  readonly type: InterconnectType;
  readonly physical_network: string | null;
}

const shown = (one: Interconnect, used: number, sites: SiteRegistry): ShownInterconnect => ({
  name: one.name,
  type: one.type,
  is_default: one.isDefault,
  any_vni: one.joinsAnyVni,
  sites: one.members.map(({ siteId, physicalNetwork }) => ({
    site: nameOf(sites, siteId),
    physical_network: physicalNetwork,
  })),
  ranges: one.ranges,
  segments_in_ranges: one.ranges.reduce((sum, { minimum, maximum }) => sum + maximum - minimum + 1, 0),
  segments_used: used,
});

const nameOf = (sites: SiteRegistry, siteId: number): string => sites.byId(siteId)?.name ?? `#${siteId}`;

export async function listInterconnects(
  { table, segments }: Interconnects,
  sites: SiteRegistry,
): Promise<ShownInterconnect[]> {
  const used = await segments.countUsed();
  return (await table.all()).map((one) => shown(one, used.get(one.id) ?? 0, sites));
}

/** @throws Fault 404 */
export async function showInterconnect(
  { table, segments }: Interconnects,
  sites: SiteRegistry,
  name: string,
): Promise<ShownInterconnectInFull> {
  const one = await table.require(name);
  const [used, blocks, warnings] = await Promise.all([
    segments.ofInterconnect(one.id),
    segments.blocks(one.id),
    probe(one, sites),
  ]);
  return {
    ...shown(one, used.length, sites),
    segments: used.map(({ number, networkId, request, since }) => ({
      number,
      network_id: networkId,
      is_own: request === null,
      since,
    })),
    blocked: blocks.map(({ number, siteId, until }) => ({ number, site: nameOf(sites, siteId), until })),
    warnings,
  };
}

/** What joins a site with others, and what is amiss with that. */
export async function interconnectsOfSite(
  { table }: Interconnects,
  sites: SiteRegistry,
  siteId: number,
): Promise<{ memberships: ShownMembership[]; warnings: string[] }> {
  const mine = (await table.all()).flatMap((interconnect) => {
    const member = interconnect.members.find((one) => one.siteId === siteId);
    return member ? [{ interconnect, member }] : [];
  });
  const site = sites.require(siteId);
  const warnings = mine.map(({ interconnect, member }) => probeMember(interconnect, member, site));
  return {
    memberships: mine.map(({ interconnect: { name, type }, member }) => ({
      interconnect: name,
      type,
      physical_network: member.physicalNetwork,
    })),
    warnings: [...new Set((await Promise.all(warnings)).flat())],
  };
}
