/** Tables `stretched_subnet`, `slice` and `claimed_address`, and the only file that writes them. */
import type { Database, Queryable } from '../database/database.js';
import { statement } from '../database/queryable.js';
import { parsePrefix, type Prefix, type Range } from '@cascade/openstack-protocol/network/ip-addresses.js';
import type { Claim, Division, Holder, Holding } from './division.js';

/** Seconds for which nobody else is given an address that was asked for: by then a port has it, or was refused. */
const claimedFor = 120;

export class SubnetNotStretched extends Error {
  override readonly name = 'SubnetNotStretched';
  constructor(readonly subnetId: string) {
    super(`the addresses of subnet ${subnetId} are not divided among sites`);
  }
}

interface Row {
  readonly number: number;
  readonly version: number;
  readonly cidr: string;
  readonly homeId: number | null;
  readonly pools: string;
  readonly holdings: readonly (Holder & { addresses: string })[];
  readonly claims: readonly { address: string; siteId: number }[];
}

/** One statement, so that all of it is of one moment. */
const loadDivision = statement(
  'slice.load',
  `select s.number, s.version, s.cidr, s.home_id as "homeId", s.pools::text as pools,
          coalesce((select json_agg(h) from (
            select site_id as "siteId", to_site_id as "toSiteId", is_gateway as "isGateway",
                   -- The site that was to have them may have been taken out.
                   case when to_site_id is not null then left_at end as "leftAt", range_agg(addresses)::text as addresses
              from slice where subnet_number = s.number group by 1, 2, 3, 4) h), '[]') as holdings,
          coalesce((select json_agg(json_build_object('address', address::text, 'siteId', site_id))
                      from claimed_address where subnet_number = s.number and until > now()), '[]') as claims
     from stretched_subnet s where s.id = $1`,
);

const sizeOf = (ranges: string): string => `(select coalesce(sum(upper(r) - lower(r)), 0) from unnest(${ranges}) r)`;
const isSettled = `l.to_site_id is null and not l.is_gateway`;
/** As `settledAt` tells, for each boot, without reading who else holds what. */
const sizeSettled = statement(
  'slice.size',
  `select (case when s.home_id = $2
             then ${sizeOf('s.pools')} - (select coalesce(sum(${sizeOf('nummultirange(l.addresses) * s.pools')}), 0) from slice l
                   where l.subnet_number = s.number and not (l.site_id = $2 and ${isSettled}))
             else (select coalesce(sum(${sizeOf('nummultirange(l.addresses) * s.pools')}), 0) from slice l
                   where l.subnet_number = s.number and l.site_id = $2 and ${isSettled})
           end)::text as size
     from stretched_subnet s where s.id = $1`,
);

export class SliceTable {
  constructor(private readonly database: Database) {}

  async add({
    subnetId,
    cidr,
    pools,
    homeId,
  }: {
    subnetId: string;
    cidr: string;
    pools: readonly Range[];
    homeId: number;
  }) {
    await this.database.run(
      `insert into stretched_subnet (id, cidr, home_id, pools) values ($1, $2, $3, $4::nummultirange) on conflict do nothing`,
      [subnetId, cidr, homeId, multirange(pools)],
    );
  }

  /** @throws SubnetNotStretched */
  async read(subnetId: string): Promise<Division> {
    return (await load(this.database, subnetId)).division;
  }

  /** How many addresses a site's Neutron may give out. @throws SubnetNotStretched */
  async sizeAt(subnetId: string, siteId: number): Promise<bigint> {
    const row = await this.database.maybe<{ size: string }>(sizeSettled, [subnetId, siteId]);
    if (!row) throw new SubnetNotStretched(subnetId);
    return BigInt(row.size);
  }

  async poolsOf(subnetIds: readonly string[]): Promise<{ id: string; prefix: Prefix; pools: Range[] }[]> {
    const rows = await this.database.many<{ id: string; cidr: string; pools: string }>(
      statement('slice.pools', `select id, cidr, pools::text as pools from stretched_subnet where id = any($1)`),
      [subnetIds],
    );
    return rows.map(({ id, cidr, pools }) => ({ id, prefix: parsePrefix(cidr)!, pools: rangesIn(pools) }));
  }

  /**
   * Reads how a subnet is divided, and writes how it is from then on; one such change of a subnet at a time.
   * @throws SubnetNotStretched
   */
  change<T>(
    subnetId: string,
    work: (division: Division, tx: Queryable, claims: Claims) => Promise<Change<T>> | Change<T>,
  ): Promise<T> {
    return this.database.repeatableTransaction(async (tx) => {
      // Before it is read: a statement that waits for a lock still sees the other rows as they were when it began.
      await tx.maybe(`select from stretched_subnet where id = $1 for no key update`, [subnetId]);
      const { number, division } = await load(tx, subnetId);
      const { next, result } = await work(division, tx, new Claims(tx, number));
      await store(tx, number, division, next);
      return result;
    });
  }

  async remove(subnetId: string): Promise<void> {
    await this.database.run(`delete from stretched_subnet where id = $1`, [subnetId]);
  }

  /** Every site that holds addresses, of every subnet. */
  holders(): Promise<{ subnetId: string; siteId: number }[]> {
    return this.database.many(
      `select id as "subnetId", home_id as "siteId" from stretched_subnet where home_id is not null
       union select s.id, l.site_id from slice l join stretched_subnet s on s.number = l.subnet_number
       order by 1, 2`,
    );
  }

  /** Where addresses wait to be settled. */
  leaving(): Promise<{ subnetId: string; siteId: number }[]> {
    return this.database.many(
      `select distinct s.id as "subnetId", l.site_id as "siteId"
         from slice l join stretched_subnet s on s.number = l.subnet_number
        where l.to_site_id is not null order by 1, 2`,
    );
  }
}

export interface Change<T> {
  readonly next: Division;
  readonly result: T;
}

/** Who has just asked for which address of a subnet. */
export class Claims {
  constructor(
    private readonly tx: Queryable,
    private readonly number: number,
  ) {}

  async add({ address, siteId }: Claim): Promise<void> {
    await this.tx.run(`delete from claimed_address where subnet_number = $1 and until <= now()`, [this.number]);
    await this.tx.run(
      `insert into claimed_address (subnet_number, address, site_id, until)
       values ($1, $2, $3, now() + make_interval(secs => ${claimedFor}))
       on conflict (subnet_number, address) do update set site_id = excluded.site_id, until = excluded.until`,
      [this.number, String(address), siteId],
    );
  }

  /** Nobody but `siteId` is to have any of these. */
  async dropOthers(addresses: readonly Range[], siteId: number): Promise<void> {
    if (addresses.length === 0) return;
    await this.tx.run(
      `delete from claimed_address where subnet_number = $1 and site_id <> $2 and $3::nummultirange @> address`,
      [this.number, siteId, multirange(addresses)],
    );
  }

  async dropAt(siteId: number): Promise<void> {
    await this.tx.run(`delete from claimed_address where subnet_number = $1 and site_id = $2`, [this.number, siteId]);
  }
}

async function load(on: Queryable, subnetId: string): Promise<{ number: number; division: Division }> {
  const row = await on.maybe<Row>(loadDivision, [subnetId]);
  if (!row) throw new SubnetNotStretched(subnetId);
  const division = {
    version: row.version,
    prefix: parsePrefix(row.cidr)!,
    homeId: row.homeId,
    pools: rangesIn(row.pools),
    holdings: row.holdings.map(({ addresses, ...holder }) => ({ ...holder, ranges: rangesIn(addresses) })),
    claims: row.claims.map(({ address, siteId }) => ({ address: BigInt(address), siteId })),
  };
  return { number: row.number, division };
}

async function store(tx: Queryable, number: number, before: Division, next: Division): Promise<void> {
  const [old, now] = [rowsOf(before.holdings), rowsOf(next.holdings)];
  const gone = [...old].flatMap(([key, row]) => (now.has(key) ? [] : row));
  const added = [...now].flatMap(([key, row]) => (old.has(key) ? [] : row));
  if (gone.length > 0) {
    const text = `delete from slice where subnet_number = $1 and addresses = any($2::numrange[])`;
    await tx.run(text, [number, gone.map(({ addresses }) => addresses)]);
  }
  if (added.length > 0) {
    await tx.run(
      `insert into slice (subnet_number, addresses, site_id, to_site_id, left_at, is_gateway)
       select $1, * from unnest($2::numrange[], $3::int[], $4::int[], $5::bigint[], $6::bool[])`,
      [
        number,
        added.map(({ addresses }) => addresses),
        added.map(({ siteId }) => siteId),
        added.map(({ toSiteId }) => toSiteId),
        added.map(({ leftAt }) => leftAt),
        added.map(({ isGateway }) => isGateway),
      ],
    );
  }
  const isSame = next.homeId === before.homeId && multirange(next.pools) === multirange(before.pools);
  if (isSame && gone.length === 0 && added.length === 0) return;
  await tx.run(
    `update stretched_subnet set home_id = $2, pools = $3::nummultirange, version = version + 1 where number = $1`,
    [number, next.homeId, multirange(next.pools)],
  );
}

/** Each range is a row. */
function rowsOf(holdings: readonly Holding[]): Map<string, Holder & { addresses: string }> {
  const rows = holdings.flatMap(({ ranges, ...holder }) =>
    ranges.map((range) => ({ ...holder, addresses: textOf(range) })),
  );
  const key = (row: (typeof rows)[number]): string =>
    [row.addresses, row.siteId, row.toSiteId, row.leftAt, row.isGateway].join();
  return new Map(rows.map((row) => [key(row), row]));
}

const textOf = ({ first, last }: Range): string => `[${first},${last + 1n})`;
const multirange = (ranges: readonly Range[]): string => `{${ranges.map(textOf).join()}}`;

/** Of a range, or of several. */
const rangesIn = (text: string): Range[] =>
  [...text.matchAll(/\[(\d+),(\d+)\)/g)].map(([, first, end]) => ({ first: BigInt(first!), last: BigInt(end!) - 1n }));
