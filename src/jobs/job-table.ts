/** The table of jobs, and the only file that writes it. */
import type { Database, Queryable } from '../database/database.js';
import type { Job } from './job.js';

/** Seconds a process has a job for without saying that it is alive. */
const leaseSeconds = 10;

export interface NewJob {
  readonly kind: string;
  readonly key: string;
  readonly lane?: string;
  readonly input: unknown;
}

export class JobTable {
  constructor(private readonly database: Database) {}

  /**
   * Has a job done. One that waits is not there twice; one that runs is run once more; one that was given up begins anew.
   * @param on a transaction with which it begins to exist
   */
  async add({ kind, key, lane = '', input }: NewJob, on: Queryable = this.database): Promise<void> {
    await on.run(
      `insert into job as j (kind, key, lane, input) values ($1, $2, $3, $4)
       on conflict (kind, key) do update
          set input = excluded.input, lane = excluded.lane, again = (j.state = 'running'), changed_at = now(),
              state = case j.state when 'running' then 'running' else 'waiting' end,
              attempts = case j.state when 'failed' then 0 else j.attempts end,
              run_at = case j.state when 'failed' then now() else least(j.run_at, now()) end`,
      [kind, key, lane, JSON.stringify(input)],
    );
  }

  /** What waits for something in its lane need not wait any longer. */
  async runNow(kind: string, lane: string): Promise<void> {
    await this.database.run(
      `update job set run_at = now() where kind = $1 and lane = $2 and state = 'waiting' and run_at > now()`,
      [kind, lane],
    );
  }

  /** One that waits, or was given up, is tried now. */
  async again(kind: string, key: string): Promise<void> {
    await this.database.run(
      `update job set run_at = now(), state = 'waiting', attempts = 0 where kind = $1 and key = $2 and state <> 'running'`,
      [kind, key],
    );
  }

  /** True while it waits or runs. */
  async isUnderWay(kind: string, key: string): Promise<boolean> {
    const job = await this.database.maybe(`select 1 from job where kind = $1 and key = $2 and state <> 'failed'`, [
      kind,
      key,
    ]);
    return job !== undefined;
  }

  /** Kinds of which some job may be due: a cheap question, asked every second. */
  async due(): Promise<Set<string>> {
    const rows = await this.database.many<{ kind: string }>(
      `select distinct kind from job
        where state = 'waiting' and run_at <= now() or state = 'running' and lease_until < now()`,
    );
    return new Set(rows.map(({ kind }) => kind));
  }

  /** The next job that is due, or whose process fell silent, and for which its lane has room. */
  claim(kind: string, perLane: number, processId: string): Promise<Job | undefined> {
    return this.database.transaction(async (tx) => {
      // One after the other, else two processes count the same lane and both find room in it.
      await tx.run(`select pg_advisory_xact_lock(hashtext('jobs'), hashtext($1))`, [kind]);
      return tx.maybe<Job>(
        `update job set state = 'running', attempts = attempts + 1, process_id = $1, changed_at = now(), again = false,
                lease_until = now() + make_interval(secs => $4)
          where id = (
            select j.id from job j
             where j.kind = $2
               and (j.state = 'waiting' and j.run_at <= now() or j.state = 'running' and j.lease_until < now())
               and (select count(*) from job r where r.kind = j.kind and r.lane = j.lane and r.state = 'running'
                      and r.lease_until >= now()) < $3
             order by j.run_at, j.id limit 1 for update skip locked)
        returning id, kind, key, input, attempts`,
        [processId, kind, perLane, leaseSeconds],
      );
    });
  }

  /** @returns the ids among `ids` that are still this process's */
  async renew(ids: readonly number[], processId: string): Promise<Set<number>> {
    const rows = await this.database.many<{ id: number }>(
      `update job set lease_until = now() + make_interval(secs => $3)
        where id = any($1) and process_id = $2 and state = 'running' returning id`,
      [ids, processId, leaseSeconds],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** It ended well: no row, unless it was asked for once more meanwhile. */
  async done({ id }: Job, processId: string): Promise<void> {
    const gone = await this.database.run(`delete from job where id = $1 and process_id = $2 and not again`, [
      id,
      processId,
    ]);
    if (gone > 0) return;
    await this.database.run(
      `update job set state = 'waiting', attempts = 0, run_at = now(), again = false, cause = null, changed_at = now()
        where id = $1 and process_id = $2`,
      [id, processId],
    );
  }

  /** @param counts false gives the attempt back */
  async retry({ id }: Job, processId: string, cause: string | null, seconds: number, counts: boolean): Promise<void> {
    await this.database.run(
      `update job set state = 'waiting', run_at = now() + make_interval(secs => $4), cause = $3, changed_at = now(),
              attempts = attempts - $5
        where id = $1 and process_id = $2 and state = 'running'`,
      [id, processId, cause, seconds, counts ? 0 : 1],
    );
  }

  /** @returns false where the job is no longer this process's */
  async giveUp({ id }: Job, processId: string, cause: string): Promise<boolean> {
    const given = await this.database.run(
      `update job set state = 'failed', cause = $3, changed_at = now()
        where id = $1 and process_id = $2 and state = 'running'`,
      [id, processId, cause],
    );
    return given > 0;
  }

  /** What was given up long ago is forgotten. */
  sweep(days: number): Promise<number> {
    return this.database.run(
      `delete from job where state = 'failed' and changed_at < now() - make_interval(days => $1)`,
      [days],
    );
  }
}
