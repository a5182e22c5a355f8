/**
 * Locks that exclude each other over all processes of one database, while the work they guard waits for others (a site). One
 * connection of its own holds all of a process, so that they take none of those that the work itself needs.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';
import pg from 'pg';

/** Milliseconds between two attempts to take a lock that another process holds. */
const firstPauseMs = 10;
const longestPauseMs = 200;

export class AdvisoryLocks {
  private connection: Promise<pg.Client> | undefined;
  private readonly queues = new Map<string, LimitFunction>();
  /** A connection runs one statement at a time. */
  private readonly statements = pLimit(1);

  constructor(private readonly url: string) {}

  /** Runs `work` while nobody else holds the lock of `subject`. Locks end with the connection, and so with the process. */
  async hold<T>(subject: string, work: () => Promise<T>): Promise<T> {
    const queue = this.queues.get(subject) ?? pLimit(1);
    this.queues.set(subject, queue);
    try {
      return await queue(async () => {
        const client = await this.take(subject);
        try {
          return await work();
        } finally {
          await this.give(client, subject);
        }
      });
    } finally {
      if (queue.activeCount === 0 && queue.pendingCount === 0) this.queues.delete(subject);
    }
  }

  async close(): Promise<void> {
    const client = await this.connection?.catch(() => undefined);
    this.connection = undefined;
    await client?.end().catch(() => undefined);
  }

  private async take(subject: string): Promise<pg.Client> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const client = await (this.connection ??= this.connect());
      const { rows } = await this.statements(() =>
        client.query<{ taken: boolean }>(`select pg_try_advisory_lock(hashtext('cascade'), hashtext($1)) as taken`, [
          subject,
        ]),
      );
      if (rows[0]?.taken) return client;
      await delay(pauseMs);
    }
  }

  private async give(client: pg.Client, subject: string): Promise<void> {
    // With a connection that is lost its locks are gone as well.
    await this.statements(() =>
      client.query(`select pg_advisory_unlock(hashtext('cascade'), hashtext($1))`, [subject]),
    ).catch(() => undefined);
  }

  private connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: `cascade locks ${process.pid}`,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    });
    const forget = (): void => {
      this.connection = undefined;
    };
    client.on('error', forget);
    client.on('end', forget);
    return client.connect().then(
      () => client,
      (error: unknown) => {
        forget();
        throw error;
      },
    );
  }
}
