/**
 * Runs durable jobs. Any process on the database may run any of them; one that dies loses its jobs to the others when its
 * lease ends, and they begin the job again. See docs/decisions/0018.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Database, Queryable } from '../database/database.js';
import { NonRetryable, RetryLater, type Job, type JobKind } from './job.js';
import { JobTable, type NewJob } from './job-table.js';

const lookEveryMs = 1_000;
const renewEveryMs = 2_500;
const longestPause = 300;

// What the engine does not look into.
type AnyKind = JobKind<unknown>;

export class Jobs {
  readonly table: JobTable;
  private readonly processId = randomUUID();
  private readonly kinds: AnyKind[] = [];
  private readonly running = new Map<number, { readonly stop: AbortController; readonly ended: Promise<void> }>();
  private timers: NodeJS.Timeout[] = [];
  private looking: Promise<void> | undefined;
  private lookAgain = false;
  private isStopping = false;

  constructor(
    database: Database,
    private readonly log: Logger,
  ) {
    this.table = new JobTable(database);
  }

  register<Input>(kind: JobKind<Input>): void {
    this.kinds.push(kind as AnyKind);
  }

  /** Has a job done by some process, soon. In a transaction it is done once that is committed. */
  async add(job: NewJob, on?: Queryable): Promise<void> {
    await this.table.add(job, on);
    this.soon();
  }

  /** What waits in a lane goes on now. */
  async runNow(kind: string, lane: string): Promise<void> {
    await this.table.runNow(kind, lane);
    this.soon();
  }

  start(): void {
    this.timers = [
      setInterval(() => this.soon(), lookEveryMs),
      setInterval(() => void this.renew().catch((error: unknown) => this.failed(error)), renewEveryMs),
    ];
    for (const timer of this.timers) timer.unref();
  }

  /** Looks for jobs now. Before `start` it does nothing. */
  soon(): void {
    if (this.timers.length === 0 || this.isStopping) return;
    if (this.looking) this.lookAgain = true;
    else
      this.looking = this.look()
        .catch((error: unknown) => this.failed(error))
        .finally(() => this.looked());
  }

  /** What runs is cut off and goes to the next process that looks. */
  async stop(): Promise<void> {
    this.isStopping = true;
    for (const timer of this.timers) clearInterval(timer);
    await this.looking;
    const ended = [...this.running.values()].map((one) => {
      one.stop.abort(new Error('the cascade stops'));
      return one.ended;
    });
    await Promise.all(ended);
  }

  private looked(): void {
    this.looking = undefined;
    if (!this.lookAgain) return;
    this.lookAgain = false;
    this.soon();
  }

  private async look(): Promise<void> {
    const due = await this.table.due();
    for (const kind of this.kinds.filter(({ name }) => due.has(name))) {
      for (let job = await this.next(kind); job; job = await this.next(kind)) this.begin(kind, job);
    }
  }

  private next(kind: AnyKind): Promise<Job | undefined> {
    return this.isStopping ? Promise.resolve(undefined) : this.table.claim(kind.name, kind.perLane, this.processId);
  }

  private begin(kind: AnyKind, job: Job): void {
    const stop = new AbortController();
    const ended = this.run(kind, job, stop.signal)
      .catch((error: unknown) => this.failed(error))
      .finally(() => {
        this.running.delete(job.id);
        this.soon();
      });
    this.running.set(job.id, { stop, ended });
  }

  private async run(kind: AnyKind, job: Job, signal: AbortSignal): Promise<void> {
    try {
      await kind.run(job.input, { number: job.attempts, signal });
      await this.table.done(job, this.processId);
    } catch (error) {
      await this.ended(kind, job, signal, error);
    }
  }

  private async ended(kind: AnyKind, job: Job, signal: AbortSignal, error: unknown): Promise<void> {
    if (signal.aborted) return this.table.retry(job, this.processId, null, 0, false);
    const cause = (error as Error).message;
    if (error instanceof RetryLater) return this.table.retry(job, this.processId, cause, error.seconds, false);
    const about = { event: 'job.attempt_failed', job: kind.name, key: job.key, attempt: job.attempts, cause };
    if (!(error instanceof NonRetryable) && job.attempts < kind.attempts) {
      this.log.warn(about, 'it will be tried again');
      const pause = Math.min((kind.backoffSeconds ?? 1) * 2 ** (job.attempts - 1), longestPause);
      return this.table.retry(job, this.processId, cause, pause, true);
    }
    this.log.error({ ...about, event: 'job.given_up' }, 'given up');
    if (await this.table.giveUp(job, this.processId, cause)) await kind.gaveUp?.(job.input, cause);
  }

  private async renew(): Promise<void> {
    if (this.running.size === 0) return;
    const held = await this.table.renew([...this.running.keys()], this.processId);
    for (const [id, { stop }] of this.running) if (!held.has(id)) stop.abort(new Error('cancelled'));
  }

  private failed(error: unknown): void {
    this.log.error({ event: 'jobs.failed', err: error }, 'jobs could not be processed');
  }
}
