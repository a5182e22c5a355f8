/** Tables `interconnect` and `interconnect_site`: what operators say of interconnects. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Database, Queryable } from '../database/database.js';
import { violationOf } from '../database/errors.js';
import type { Interconnect, InterconnectType, Member, NumberRange } from './interconnect.js';

export interface NewInterconnect {
  readonly name: string;
  readonly type: InterconnectType;
  readonly members: readonly Member[];
  readonly ranges: readonly NumberRange[];
  readonly joinsAnyVni: boolean;
  readonly isDefault: boolean;
}

export interface InterconnectChange {
  /** Added, or with another physical network. */
  readonly members: readonly Member[];
  readonly removedSiteIds: readonly number[];
  readonly addedRanges: readonly NumberRange[];
  readonly removedRanges: readonly NumberRange[];
  readonly joinsAnyVni?: boolean | undefined;
  readonly isDefault?: boolean | undefined;
}

const columns = `i.id, i.name, i.type, i.joins_any_vni as "joinsAnyVni", i.is_default as "isDefault",
  (select coalesce(json_agg(json_build_object('minimum', lower(r), 'maximum', upper(r) - 1) order by r), '[]')
     from unnest(i.ranges) r) as ranges,
  (select coalesce(json_agg(json_build_object('siteId', m.site_id, 'physicalNetwork', m.physical_network)
                            order by m.site_id), '[]')
     from interconnect_site m where m.interconnect_id = i.id) as members`;

/** A multirange of `$first` and `$second`, the ends of ranges. */
const multirange = (first: number): string =>
  `coalesce((select range_agg(int4range(minimum, maximum, '[]'))
               from unnest($${first}::int[], $${first + 1}::int[]) given (minimum, maximum)), '{}')`;
const ends = (ranges: readonly NumberRange[]): number[][] => [
  ranges.map(({ minimum }) => minimum),
  ranges.map(({ maximum }) => maximum),
];

export class InterconnectTable {
  constructor(private readonly database: Database) {}

  /** The default one first, then by name. */
  all(): Promise<Interconnect[]> {
    return this.database.many<Interconnect>(
      `select ${columns} from interconnect i order by i.is_default desc, i.name collate "C"`,
    );
  }

  /** @throws Fault 404 */
  async require(name: string, on: Queryable = this.database): Promise<Interconnect> {
    const found = await on.maybe<Interconnect>(`select ${columns} from interconnect i where i.name = $1`, [name]);
    if (!found) throw new Fault('not-found', `There is no interconnect ${name}.`);
    return found;
  }

  /** @throws Fault 409 for a name that is used, or numbers that another interconnect gives out at the same place */
  async add({ name, type, members, ranges, joinsAnyVni, isDefault }: NewInterconnect): Promise<Interconnect> {
    return this.write(async (tx) => {
      if (isDefault) await this.dropDefault(tx);
      const added = await tx.maybe<{ id: number }>(
        `insert into interconnect (name, type, joins_any_vni, is_default, ranges)
         values ($1, $2, $3, $4, ${multirange(5)}) on conflict (name) do nothing returning id`,
        [name, type, joinsAnyVni, isDefault, ...ends(ranges)],
      );
      if (!added) throw new Fault('conflict', `There is an interconnect ${name} already.`);
      for (const member of members) await this.setMember(tx, added.id, member);
      return this.checked(tx, name);
    });
  }

  /**
   * @throws Fault 404; 400 for a site that is taken out and is no member; 409 for sites that are taken out, or get another physical network, while they have networks of it,
   *   and for numbers that another interconnect gives out at the same place
   */
  async change(name: string, change: InterconnectChange): Promise<Interconnect> {
    return this.write(async (tx) => {
      const { id, members } = await this.require(name, tx);
      const before = new Map(members.map((member) => [member.siteId, member.physicalNetwork]));
      const { removedSiteIds, joinsAnyVni = null, isDefault = null } = change;
      const stranger = removedSiteIds.find((siteId) => !before.has(siteId));
      if (stranger !== undefined) throw new Fault('bad-request', `A site to be removed is no member of ${name}.`);
      const moved = change.members.filter(
        ({ siteId, physicalNetwork }) => before.has(siteId) && before.get(siteId) !== physicalNetwork,
      );
      for (const siteId of [...removedSiteIds, ...moved.map((member) => member.siteId)])
        await this.requireUnused(tx, id, siteId);
      await tx.run(`delete from interconnect_site where interconnect_id = $1 and site_id = any($2)`, [
        id,
        removedSiteIds,
      ]);
      for (const member of change.members) await this.setMember(tx, id, member);
      if (isDefault) await this.dropDefault(tx);
      await tx.run(
        `update interconnect
            set joins_any_vni = coalesce($2, joins_any_vni), is_default = coalesce($3, is_default),
                ranges = ranges - ${multirange(6)} + ${multirange(4)}
          where id = $1`,
        [id, joinsAnyVni, isDefault, ...ends(change.addedRanges), ...ends(change.removedRanges)],
      );
      return this.checked(tx, name);
    });
  }

  /** @throws Fault 404, 409 while networks have segments of it */
  async remove(name: string): Promise<void> {
    const { id } = await this.require(name);
    try {
      await this.database.run(`delete from interconnect where id = $1`, [id]);
    } catch (error) {
      if (violationOf(error)?.constraint !== 'interconnect_in_use') throw error;
      throw new Fault('conflict', `Interconnect ${name} is in use: cascade interconnect show ${name} tells by what.`);
    }
  }

  /** Two changes at once could overlap each other, and neither would see it. */
  private write(work: (tx: Queryable) => Promise<Interconnect>): Promise<Interconnect> {
    return this.database.repeatableTransaction(async (tx) => {
      await tx.run(`lock table interconnect in share row exclusive mode`);
      return work(tx);
    });
  }

  private async dropDefault(tx: Queryable): Promise<void> {
    await tx.run(`update interconnect set is_default = false where is_default`);
  }

  private async setMember(tx: Queryable, id: number, { siteId, physicalNetwork }: Member): Promise<void> {
    await tx.run(
      `insert into interconnect_site (interconnect_id, site_id, physical_network) values ($1, $2, $3)
       on conflict (interconnect_id, site_id) do update set physical_network = excluded.physical_network`,
      [id, siteId, physicalNetwork],
    );
  }

  /** @throws Fault 409 */
  private async requireUnused(tx: Queryable, id: number, siteId: number): Promise<void> {
    const used = await tx.one<{ count: number; site: string | null }>(
      `select count(*) as count, (select name from site where id = $2) as site from interconnect_segment s
        where s.interconnect_id = $1
          and (s.network_id is null and $2 = any(s.site_ids)
               or exists (
                 select 1 from resource n
                  where n.kind = 'network' and n.id = s.network_id and n.site_id = $2 and n.deleted_at is null))`,
      [id, siteId],
    );
    if (used.count === 0) return;
    throw new Fault('conflict', `${used.count} networks of this interconnect are in site ${used.site}.`);
  }

  /** What was written, if no number can be given out twice at one place. @throws Fault 409 */
  private async checked(tx: Queryable, name: string): Promise<Interconnect> {
    const written = await this.require(name, tx);
    const overlap = await tx.maybe<{ name: string; site: string }>(
      `select o.name, s.name as site
         from interconnect i
         join interconnect o on o.id <> i.id and o.type = i.type and o.ranges && i.ranges
         join interconnect_site m on m.interconnect_id = i.id
         join interconnect_site n on n.interconnect_id = o.id and n.site_id = m.site_id
              and n.physical_network is not distinct from m.physical_network
         join site s on s.id = m.site_id
        where i.id = $1 order by o.name, s.name limit 1`,
      [written.id],
    );
    if (!overlap) return written;
    throw new Fault(
      'conflict',
      `Interconnect ${overlap.name} gives out some of these numbers in site ${overlap.site} already.`,
    );
  }
}
