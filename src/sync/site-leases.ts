/**
 * Which process minds which site. All processes on one database share the work in the background (feeds, reconcilers):
 * each holds the leases of its share of the sites, and those of a process that dies or hangs go to the others when they
 * run out. Two minders at once would be a waste and no harm: what was asked for earlier never overwrites a later answer.
 */
import { randomUUID } from 'node:crypto';
import type { Database, Queryable } from '../database/database.js';

/** Seconds a lease lasts; it is renewed about four times meanwhile. */
const leaseSeconds = 15;
export const renewSeconds = 4;

export class SiteLeases {
  private readonly id = randomUUID();
  private held: ReadonlySet<number> = new Set();
  /** By this process's own clock, counted from before the database was asked. */
  private heldUntil = 0;

  constructor(private readonly database: Database) {}

  /** True while this process is to do what is done in the background for a site. */
  holds(site: { readonly id: number }): boolean {
    return this.held.has(site.id) && performance.now() < this.heldUntil;
  }

  /**
   * Renews what is held, gives back what is more than a fair share, and takes what nobody holds.
   * @returns how many sites are newly minded
   */
  async renew(): Promise<number> {
    const start = performance.now();
    const before = this.held;
    this.held = await this.database.transaction(async (tx) => {
      await oneAtATime(tx);
      const share = await this.fairShare(tx);
      const mine = await tx.many<{ site_id: number }>(
        `update site_lease set expires_at = now() + make_interval(secs => $2) where process_id = $1 returning site_id`,
        [this.id, leaseSeconds],
      );
      const kept = mine.slice(0, share);
      const surplus = mine.slice(share);
      if (surplus.length > 0) await this.giveBack(tx, surplus);
      const taken = kept.length < share ? await this.take(tx, share - kept.length) : [];
      return new Set([...kept, ...taken].map((lease) => lease.site_id));
    });
    this.heldUntil = start + leaseSeconds * 1000;
    return [...this.held].filter((id) => !before.has(id)).length;
  }

  /** Lets the others go on at once. */
  async release(): Promise<void> {
    this.heldUntil = 0;
    await this.database.transaction(async (tx) => {
      await oneAtATime(tx);
      await tx.run(`delete from site_lease where process_id = $1`, [this.id]);
      await tx.run(`delete from process where id = $1`, [this.id]);
    });
  }

  private async fairShare(tx: Queryable): Promise<number> {
    await tx.run(
      `insert into process (id, seen_at) values ($1, now()) on conflict (id) do update set seen_at = now()`,
      [this.id],
    );
    await tx.run(`delete from process where seen_at < now() - make_interval(secs => $1)`, [leaseSeconds]);
    const { share } = await tx.one<{ share: number }>(
      `select ceil((select count(*) from site)::float / (select count(*) from process)) as share`,
    );
    return share;
  }

  private async giveBack(tx: Queryable, leases: readonly { site_id: number }[]): Promise<void> {
    const ids = leases.map((lease) => lease.site_id);
    await tx.run(`delete from site_lease where process_id = $1 and site_id = any($2)`, [this.id, ids]);
  }

  private take(tx: Queryable, count: number): Promise<{ site_id: number }[]> {
    // At random, so that neighbours in the list, which may be slow for the same reason, have different minders.
    return tx.many<{ site_id: number }>(
      `insert into site_lease as l (site_id, process_id, expires_at)
       select s.id, $1, now() + make_interval(secs => $2) from site s
        where not exists (select 1 from site_lease held where held.site_id = s.id and held.expires_at > now())
        order by random() limit $3
       on conflict (site_id) do update set process_id = excluded.process_id, expires_at = excluded.expires_at
        where l.expires_at <= now()
       returning site_id`,
      [this.id, leaseSeconds, count],
    );
  }
}

/** Leases are taken from each other in any order: two processes that did so at once could wait for each other for ever. */
const oneAtATime = (tx: Queryable): Promise<unknown> => tx.run(`select pg_advisory_xact_lock(hashtext('site_lease'))`);
