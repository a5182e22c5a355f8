/** Tables `stretched_subnet`, `slice` and `claimed_address`, and the only file that writes them. */
import type { Database, Queryable } from '../database/database.js';
import { statement } from '../database/queryable.js';
import { parsePrefix, type Prefix, type Range } from '@cascade/openstack-protocol/network/ip-addresses.js';
import type { Claim, Division, SliceRange } from './division.js';

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
  readonly cidr: string;
  readonly homeId: number | null;
  readonly pools: string;
  readonly ranges: readonly { addresses: string; siteId: number; toSiteId: number | null; isGateway: boolean }[];
  readonly claims: readonly { address: string; siteId: number }[];
}

/** One statement, so that all of it is of one moment. */
const loadDivision = statement(
  'slice.load',
  `select s.number, s.cidr, s.home_id as "homeId", s.pools::text as pools,
          coalesce((select json_agg(json_build_object('addresses', addresses::text, 'siteId', site_id, 'toSiteId', to_site_id,
                                                      'isGateway', is_gateway))
                      from slice where subnet_number = s.number), '[]') as ranges,
          coalesce((select json_agg(json_build_object('address', address::text, 'siteId', site_id))
                      from claimed_address where subnet_number = s.number and until > now()), '[]') as claims
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
  readonly next: Pick<Division, 'homeId' | 'pools' | 'ranges'>;
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
    prefix: parsePrefix(row.cidr)!,
    homeId: row.homeId,
    pools: rangesIn(row.pools),
    ranges: row.ranges.map(({ addresses, ...holder }) => ({ ...holder, ...rangesIn(addresses)[0]! })),
    claims: row.claims.map(({ address, siteId }) => ({ address: BigInt(address), siteId })),
  };
  return { number: row.number, division };
}

async function store(tx: Queryable, number: number, before: Division, next: Change<unknown>['next']): Promise<void> {
  const key = ({ first, last, siteId, toSiteId, isGateway }: SliceRange): string =>
    [first, last, siteId, toSiteId, isGateway].join(' ');
  const [old, now] = [new Set(before.ranges.map(key)), new Set(next.ranges.map(key))];
  const gone = before.ranges.filter((range) => !now.has(key(range)));
  const added = next.ranges.filter((range) => !old.has(key(range)));
  if (gone.length > 0) {
    const text = `delete from slice where subnet_number = $1 and addresses = any($2::numrange[])`;
    await tx.run(text, [number, gone.map(textOf)]);
  }
  if (added.length > 0) {
    await tx.run(
      `insert into slice (subnet_number, addresses, site_id, to_site_id, is_gateway)
       select $1, * from unnest($2::numrange[], $3::int[], $4::int[], $5::bool[])`,
      [
        number,
        added.map(textOf),
        added.map(({ siteId }) => siteId),
        added.map(({ toSiteId }) => toSiteId),
        added.map(({ isGateway }) => isGateway),
      ],
    );
  }
  if (next.homeId !== before.homeId || multirange(next.pools) !== multirange(before.pools)) {
    const text = `update stretched_subnet set home_id = $2, pools = $3::nummultirange where number = $1`;
    await tx.run(text, [number, next.homeId, multirange(next.pools)]);
  }
}

const textOf = ({ first, last }: Range): string => `[${first},${last + 1n})`;
const multirange = (ranges: readonly Range[]): string => `{${ranges.map(textOf).join()}}`;

/** Of a range, or of several. */
const rangesIn = (text: string): Range[] =>
  [...text.matchAll(/\[(\d+),(\d+)\)/g)].map(([, first, end]) => ({ first: BigInt(first!), last: BigInt(end!) - 1n }));
