/** Tables `interconnect_segment` and `interconnect_block`: which number is whose, guarded by their constraints. */
import { randomInt } from 'node:crypto';
import type { Database } from '../database/database.js';
import { violationOf } from '../database/errors.js';
import type { Interconnect, NumberRange } from './interconnect.js';

export interface Segment {
  readonly interconnectId: number;
  readonly number: number;
  /** For which it was reserved; null for a network's own. */
  readonly request: string | null;
  /** Where it is to be made first. */
  readonly siteIds: readonly number[];
  /** Null until the network is made. */
  readonly networkId: string | null;
  readonly since: Date;
}

export interface Block {
  readonly number: number;
  readonly siteId: number;
  readonly until: Date;
}

const columns = `s.interconnect_id as "interconnectId", s.number, s.request, s.site_ids as "siteIds",
  s.network_id as "networkId", s.since`;

/** What a site has refused may be free again after this long. */
const blockedHours = 24;

export class SegmentTable {
  constructor(private readonly database: Database) {}

  ofRequest(request: string): Promise<Segment | undefined> {
    return this.database.maybe<Segment>(`select ${columns} from interconnect_segment s where s.request = $1`, [
      request,
    ]);
  }

  ofNetworks(networkIds: readonly string[]): Promise<Segment[]> {
    const text = `select ${columns} from interconnect_segment s where s.network_id = any($1) order by s.since, s.number`;
    return this.database.many<Segment>(text, [networkIds]);
  }

  ofInterconnect(id: number): Promise<Segment[]> {
    const text = `select ${columns} from interconnect_segment s where s.interconnect_id = $1 order by s.number`;
    return this.database.many<Segment>(text, [id]);
  }

  /** Numbers that a site has refused. */
  blocks(id: number): Promise<Block[]> {
    return this.database.many<Block>(
      `select number, site_id as "siteId", until from interconnect_block
        where interconnect_id = $1 and until > now() order by number, site_id`,
      [id],
    );
  }

  /** How many segments of each interconnect have a network, or are reserved for one. */
  async countUsed(): Promise<ReadonlyMap<number, number>> {
    const rows = await this.database.many<{ id: number; count: number }>(
      `select interconnect_id as id, count(*) as count from interconnect_segment group by interconnect_id`,
    );
    return new Map(rows.map(({ id, count }) => [id, count]));
  }

  /**
   * Reserves a number that is free, as far as is known, at every member.
   * @returns undefined where none is
   */
  async reserve(interconnect: Interconnect, request: string, siteIds: readonly number[]): Promise<Segment | undefined> {
    for (;;) {
      const number = await this.free(interconnect);
      if (number === undefined) return undefined;
      await this.database.run(
        `insert into interconnect_segment (interconnect_id, number, request, site_ids) values ($1, $2, $3, $4)
         on conflict do nothing`,
        [interconnect.id, number, request, siteIds],
      );
      // Somebody else was quicker with the number, or with the request: the constraints tell which.
      const reserved = await this.ofRequest(request);
      if (reserved) return reserved;
    }
  }

  /**
   * Any free number: chosen at random, as Neutron does, so that those who ask at once rarely meet. What networks of
   * members have by themselves is taken, too: whoever was given it would be on one segment with them.
   */
  private async free({ id, type, ranges }: Interconnect): Promise<number | undefined> {
    if (ranges.length === 0) return undefined;
    const row = await this.database.maybe<{ number: number }>(
      `select c.number from (
         select generate_series(greatest(r.minimum, $4), r.maximum) as number
           from unnest($2::int[], $3::int[]) r (minimum, maximum) where r.maximum >= $4
         union all
         select generate_series(r.minimum, least(r.maximum, $4 - 1))
           from unnest($2::int[], $3::int[]) r (minimum, maximum) where r.minimum < $4) c
        where not (
          exists (select 1 from interconnect_segment s where s.interconnect_id = $1 and s.number = c.number)
          or exists (
            select 1 from interconnect_block b
             where b.interconnect_id = $1 and b.number = c.number and b.until > now())
          or exists (
            select 1 from interconnect_site m join resource n on n.site_id = m.site_id
             where m.interconnect_id = $1 and n.kind = 'network' and n.deleted_at is null
               and segments_of(n.facts) @> jsonb_build_array(
                 jsonb_build_object('provider:network_type', $5::text, 'provider:segmentation_id', c.number)
                 || case when m.physical_network is null then '{}'
                         else jsonb_build_object('provider:physical_network', m.physical_network) end)))
        limit 1`,
      [id, ranges.map((one) => one.minimum), ranges.map((one) => one.maximum), anyOf(ranges), type],
    );
    return row?.number;
  }

  /** @returns false where the request has no such reservation, or another network has it */
  async bind(request: string, networkId: string): Promise<boolean> {
    const bound = await this.database.run(
      `update interconnect_segment set network_id = $2, since = now()
        where request = $1 and (network_id is null or network_id = $2)`,
      [request, networkId],
    );
    return bound > 0;
  }

  /**
   * Notes that a network has a number by itself, at its home.
   * @returns false where another network has it
   */
  async claim(interconnectId: number, number: number, networkId: string, homeSiteId: number): Promise<boolean> {
    await this.database.run(
      `insert into interconnect_segment (interconnect_id, number, site_ids, network_id) values ($1, $2, $3, $4)
       on conflict do nothing`,
      [interconnectId, number, [homeSiteId], networkId],
    );
    // What was reserved, and is seen to have been made: whoever made it was ended before that was noted.
    await this.rebind({ interconnectId, number, networkId: null }, networkId);
    const owner = await this.database.maybe<{ network: string | null }>(
      `select network_id as network from interconnect_segment where interconnect_id = $1 and number = $2`,
      [interconnectId, number],
    );
    return owner?.network === networkId;
  }

  /** Another network is seen to have a segment than is known, or one where none is known. */
  async rebind(known: Pick<Segment, 'interconnectId' | 'number' | 'networkId'>, networkId: string): Promise<void> {
    try {
      await this.database.run(
        `update interconnect_segment set network_id = $4, since = now()
          where interconnect_id = $1 and number = $2 and network_id is not distinct from $3`,
        [known.interconnectId, known.number, known.networkId, networkId],
      );
    } catch (error) {
      // It has another number of this interconnect.
      if (violationOf(error)?.constraint !== 'interconnect_segment_network') throw error;
    }
  }

  /** A site has refused a number that was reserved: it is given to nobody for a while. */
  async block({ interconnectId, number, request }: Segment, siteId: number): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.run(
        `insert into interconnect_block (interconnect_id, number, site_id, until)
         values ($1, $2, $3, now() + make_interval(hours => $4))
         on conflict (interconnect_id, number, site_id) do update set until = excluded.until`,
        [interconnectId, number, siteId, blockedHours],
      );
      await tx.run(
        `delete from interconnect_segment
          where interconnect_id = $1 and number = $2 and request = $3 and network_id is null`,
        [interconnectId, number, request],
      );
    });
  }

  /** Frees what was reserved for a request and not used. */
  async cancel(request: string): Promise<void> {
    await this.database.run(`delete from interconnect_segment where request = $1 and network_id is null`, [request]);
  }

  /** Frees what a network had. */
  async release(networkId: string): Promise<void> {
    await this.database.run(`delete from interconnect_segment where network_id = $1`, [networkId]);
  }

  /** Of which nobody knows a network, an hour after they were reserved or had one. */
  unused(): Promise<Segment[]> {
    return this.database.many<Segment>(
      `select ${columns} from interconnect_segment s
        where s.since < now() - interval '1 hour'
          and not exists (
            select 1 from resource n where n.kind = 'network' and n.id = s.network_id and n.deleted_at is null)`,
    );
  }

  /** Frees one of those, unless a network was given it meanwhile. */
  async forget({ interconnectId, number, networkId }: Segment): Promise<void> {
    await this.database.run(
      `delete from interconnect_segment
        where interconnect_id = $1 and number = $2 and network_id is not distinct from $3
          and since < now() - interval '1 hour'`,
      [interconnectId, number, networkId],
    );
  }

  async sweepBlocks(): Promise<void> {
    await this.database.run(`delete from interconnect_block where until < now()`);
  }
}

/** A number of the ranges, each as likely as the others. */
function anyOf(ranges: readonly NumberRange[]): number {
  let at = randomInt(ranges.reduce((sum, { minimum, maximum }) => sum + maximum - minimum + 1, 0));
  for (const { minimum, maximum } of ranges) {
    if (at <= maximum - minimum) return minimum + at;
    at -= maximum - minimum + 1;
  }
  return ranges[0]!.minimum;
}
