/**
 * How many addresses of a subnet were promised at a site in the last minute: Nova makes the ports of a server after it has
 * accepted it, and until then no Neutron knows of them.
 */
import type { Database, Queryable } from '../database/database.js';
import { statement } from '../database/queryable.js';

/** Seconds that are counted together, and how many such periods a promise lasts. */
const period = 10;
const lasting = 6;
/** More than last, so that a row is not taken for another period while it still counts. */
const slots = 8;

const thisPeriod = `floor(extract(epoch from clock_timestamp()) / ${period})::bigint`;

// One row for all that is promised in a period, in a statement of its own that waits for no disk.
const count = statement(
  'promised_addresses.count',
  `insert into promised_addresses (subnet_id, site_id, slot, period, count)
   select s.id, $2, p % ${slots}, p, $3 from stretched_subnet s, lateral (select ${thisPeriod} as p) as t where s.id = $1
   on conflict (subnet_id, site_id, slot) do update
      set count = case when promised_addresses.period < excluded.period then excluded.count
                       else promised_addresses.count + excluded.count end,
          period = greatest(promised_addresses.period, excluded.period)`,
);
const sum = statement(
  'promised_addresses.sum',
  `select coalesce(sum(count), 0)::bigint as promised from promised_addresses
    where subnet_id = $1 and site_id = $2 and period > ${thisPeriod} - ${lasting}`,
);

export class Promises {
  constructor(private readonly database: Database) {}

  async add(subnetId: string, siteId: number, addresses: number): Promise<void> {
    await this.database.relaxed.run(count, [subnetId, siteId, addresses]);
  }

  async count(subnetId: string, siteId: number, on: Queryable = this.database): Promise<bigint> {
    const { promised } = await on.one<{ promised: number }>(sum, [subnetId, siteId]);
    return BigInt(promised);
  }

  async forget(subnetId: string, siteId: number): Promise<void> {
    await this.database.run(`delete from promised_addresses where subnet_id = $1 and site_id = $2`, [subnetId, siteId]);
  }
}
