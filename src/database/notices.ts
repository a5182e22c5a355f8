/** What one process tells the others of the same database at once: PostgreSQL's LISTEN and NOTIFY. */
import pg from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './log.js';
import type { Queryable } from './queryable.js';

/** What is told, with what: a change of the registered sites, and the digest of a token that was revoked. */
export type Topic = 'cascade_sites' | 'cascade_revoked_token';

export interface Notices {
  close(): Promise<void>;
}

export interface Listener {
  /** Something was told, by this process or another. */
  notified(topic: Topic, about: string): void;
  /** The connection was away for a while, and what was told meanwhile is lost. */
  missed(): void;
}

const topics: readonly Topic[] = ['cascade_sites', 'cascade_revoked_token'];
const againMs = 1_000;

/** Tells every process that listens, with the commit where `database` is a transaction. */
export const tell = (database: Queryable, topic: Topic, about = ''): Promise<number> =>
  database.run(`select pg_notify($1, $2)`, [topic, about]);

/** Listens on a connection of its own, which is opened anew whenever it is lost. */
export async function openNotices(url: string, listener: Listener, log: Log): Promise<Notices> {
  const closing = new AbortController();
  let client = await connect(url, listener);
  const keep = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await client.ended;
      if (closing.signal.aborted) return;
      log.warn('database.notices-lost', {});
      const next = await reconnect(url, listener, closing.signal);
      if (!next) return;
      client = next;
      listener.missed();
    }
  };
  const kept = keep();
  return {
    close: async () => {
      closing.abort();
      await client.connection.end().catch(() => undefined);
      await kept;
    },
  };
}

interface Connected {
  readonly connection: pg.Client;
  readonly ended: Promise<void>;
}

async function connect(url: string, listener: Listener): Promise<Connected> {
  const connection = new pg.Client({
    connectionString: url,
    application_name: `cascade notices ${process.pid}`,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  const ended = new Promise<void>((resolve) => connection.once('end', () => resolve()));
  connection.on('error', () => undefined); // followed by 'end'
  connection.on('notification', ({ channel, payload }) => listener.notified(channel as Topic, payload ?? ''));
  await connection.connect();
  await connection.query(topics.map((topic) => `listen ${topic}`).join('; '));
  return { connection, ended };
}

async function reconnect(url: string, listener: Listener, signal: AbortSignal): Promise<Connected | undefined> {
  while (!signal.aborted) {
    const connected = await connect(url, listener).catch(() => undefined);
    if (connected) return connected;
    await delay(againMs, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
