/** Which segment joins a network's sites, and which number is whose. */
import type { Database } from '../database/database.js';
import type { Body } from '../resources/kind.js';
import type { SiteRegistry } from '../sites/registry.js';
import {
  joinedBy,
  joins,
  rangesInWords,
  type Interconnect,
  type InterconnectType,
  type Joined,
  type NotJoined,
} from './interconnect.js';
import { InterconnectTable } from './interconnect-table.js';
import { canJoin, isOn, ownSegments } from './own-segments.js';
import { SegmentTable, type Segment } from './segment-table.js';
import { sweepSegments } from './sweep.js';

/** What an administrator is told of a network. */
export interface ChosenSegment {
  readonly interconnect: string;
  readonly type: InterconnectType;
  readonly number: number;
}

export class Interconnects {
  readonly table: InterconnectTable;
  readonly segments: SegmentTable;

  constructor(
    database: Database,
    private readonly sites: SiteRegistry,
  ) {
    this.table = new InterconnectTable(database);
    this.segments = new SegmentTable(database);
  }

  /** Of which networks that name no zone are given a segment. */
  async default(): Promise<{ name: string; type: InterconnectType; siteIds: readonly number[] } | undefined> {
    const found = (await this.table.all()).find(({ isDefault }) => isDefault);
    return found && { name: found.name, type: found.type, siteIds: found.members.map(({ siteId }) => siteId) };
  }

  /**
   * A segment for a network that is about to be made and is to span sites: of the default interconnect, if it joins them,
   * else of the first one by name that has a number left.
   * @param request whoever asks again with it is given the same
   */
  async allocate(request: string, siteIds: readonly number[]): Promise<Joined | NotJoined> {
    const all = await this.table.all();
    const reserved = await this.segments.ofRequest(request);
    const kept = reserved && all.find(({ id }) => id === reserved.interconnectId);
    if (kept && joins(kept, siteIds)) return joinedBy(kept, reserved.number);
    if (reserved?.networkId) return this.notJoined(siteIds);
    // The operator has taken a site out meanwhile.
    if (reserved) await this.segments.cancel(request);

    const joining = all.filter((one) => joins(one, siteIds));
    for (const one of joining) {
      const segment = await this.segments.reserve(one, request, siteIds);
      if (segment) return joinedBy(all.find(({ id }) => id === segment.interconnectId) ?? one, segment.number);
    }
    return joining.length === 0 ? this.notJoined(siteIds) : this.exhausted(siteIds, joining);
  }

  /** The network that was asked for is made. @throws Error where its segment is another network's by now */
  async bind(request: string, networkId: string): Promise<void> {
    if (await this.segments.bind(request, networkId)) return;
    throw new Error(`no segment is reserved for network ${networkId} by request ${request}`);
  }

  /** A site refused the number before the network was made anywhere: another one. */
  async inUse(request: string, siteId: number, number: number): Promise<Joined | NotJoined> {
    const reserved = await this.segments.ofRequest(request);
    if (!reserved) throw new Error(`no segment is reserved by request ${request}`);
    if (reserved.networkId !== null) return this.refused(reserved.networkId, siteId);
    if (reserved.number === number) await this.segments.block(reserved, siteId);
    return this.allocate(request, reserved.siteIds);
  }

  /** What was reserved is not needed: no site has made the network. */
  cancel(request: string): Promise<void> {
    return this.segments.cancel(request);
  }

  /**
   * How a network that exists joins another site: by the segment it was given, or as it is by one that it has at home.
   * @param network as its home's administrator sees it
   */
  async join(networkId: string, network: Body, homeSiteId: number, siteId: number): Promise<Joined | NotJoined> {
    const joining = (await this.table.all()).filter((one) => joins(one, [homeSiteId, siteId]));
    if (joining.length === 0) return this.notJoined([homeSiteId, siteId]);
    const own = ownSegments(network);
    const given = await this.segments.ofNetworks([networkId]);
    for (const interconnect of joining) {
      const segment = given.find(({ interconnectId }) => interconnectId === interconnect.id);
      if (!segment) continue;
      if (own.length === 0 || own.some((one) => one.number === segment.number && isOn(interconnect, homeSiteId, one)))
        return joinedBy(interconnect, segment.number);
      return this.moved(networkId, homeSiteId, interconnect, segment);
    }

    let isTaken = false;
    for (const interconnect of joining) {
      const segment = own.find((one) => canJoin(interconnect, homeSiteId, one));
      if (!segment) continue;
      if (await this.segments.claim(interconnect.id, segment.number, networkId, homeSiteId))
        return joinedBy(interconnect, segment.number);
      isTaken = true;
    }
    return isTaken ? this.taken(networkId, homeSiteId, siteId) : this.apart(networkId, homeSiteId, siteId, joining);
  }

  /** A site where an existing network is to be copied has its number in use for something else. */
  refused(networkId: string, siteId: number): NotJoined {
    const zone = this.zone(siteId);
    return notJoined(
      `Network ${networkId} cannot reach zone ${zone}: its segment is in use by something else there. ` +
        `Make another network, or ask the operator to free the segment in ${zone}.`,
    );
  }

  /** It is deleted everywhere. */
  release(networkId: string): Promise<void> {
    return this.segments.release(networkId);
  }

  /** What was chosen for networks: for administrators. */
  async of(networkIds: readonly string[]): Promise<Map<string, ChosenSegment[]>> {
    const segments = await this.segments.ofNetworks(networkIds);
    const chosen = new Map<string, ChosenSegment[]>();
    if (segments.length === 0) return chosen;
    const known = new Map((await this.table.all()).map((one) => [one.id, one]));
    for (const { networkId, interconnectId, number } of segments) {
      const { name, type } = known.get(interconnectId)!;
      const others = chosen.get(networkId!) ?? [];
      chosen.set(networkId!, [...others, { interconnect: name, type, number }]);
    }
    return chosen;
  }

  /** Segments that no network has any more, or has come to have. */
  async sweep(): Promise<void> {
    await sweepSegments(this.segments, await this.table.all(), this.sites);
  }

  private notJoined(siteIds: readonly number[]): NotJoined {
    return notJoined(
      `No interconnect joins the zones ${this.zones(siteIds)}. ` +
        'Use zones that share one, or ask the operator to add one that joins these.',
    );
  }

  private exhausted(siteIds: readonly number[], joining: readonly Interconnect[]): NotJoined {
    const said = joining.map(({ name, type, ranges }) =>
      ranges.length === 0 ? `${name} gives out none` : `${name} has ${type} ${rangesInWords(ranges)}, all in use`,
    );
    return notJoined(
      `No segment is left that joins the zones ${this.zones(siteIds)} (${said.join('; ')}). ` +
        'Delete networks that are not needed, or ask the operator for more segments.',
    );
  }

  private taken(networkId: string, homeSiteId: number, siteId: number): NotJoined {
    return notJoined(
      `Network ${networkId} of zone ${this.zone(homeSiteId)} cannot reach zone ${this.zone(siteId)}: another network ` +
        'has the same segment elsewhere. Make a new network that names both zones, or ask the operator.',
    );
  }

  private apart(networkId: string, homeSiteId: number, siteId: number, joining: readonly Interconnect[]): NotJoined {
    const names = joining.map(({ name }) => name).join(', ');
    return notJoined(
      `Network ${networkId} cannot reach zone ${this.zone(siteId)}: its segment in zone ${this.zone(homeSiteId)} is not ` +
        `on what joins them (${names}). Make a new network that names both zones, or ask the operator.`,
    );
  }

  private moved(networkId: string, homeSiteId: number, { name, type }: Interconnect, { number }: Segment): NotJoined {
    return notJoined(
      `Network ${networkId} was given ${type} segment ${number} of interconnect ${name}, and has another one in zone ` +
        `${this.zone(homeSiteId)} now. Ask the operator.`,
    );
  }

  private zone(siteId: number): string {
    return this.sites.byId(siteId)?.name ?? `#${siteId}`;
  }

  private zones(siteIds: readonly number[]): string {
    const names = siteIds.map((siteId) => this.zone(siteId));
    return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  }
}

const notJoined = (reason: string): NotJoined => ({ isJoined: false, reason });
