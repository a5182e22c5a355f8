/** A PostgreSQL that belongs to nobody's program: it goes away and comes back under the same URL. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Cluster } from '../../src/database/initdb.js';
import { silent } from '../../src/database/log.js';
import { ensureRunning, stopServer } from '../../src/database/postgres-server.js';
import type { Postmaster } from '../../src/database/postmaster.js';
import { carelessSettings } from '../../src/database/testing.js';

export class ExternalDatabase {
  private constructor(
    private readonly cluster: Cluster,
    private server: Postmaster,
  ) {}

  static async start(): Promise<ExternalDatabase> {
    const dataDir = await mkdtemp(join(tmpdir(), 'cascade-external-'));
    await chmod(dataDir, 0o711); // as root the server is another user
    const cluster = { dataDir, pgData: join(dataDir, 'postgres'), log: silent, settings: carelessSettings };
    const database = new ExternalDatabase(cluster, (await ensureRunning(cluster)).postmaster);
    const client = new pg.Client({ connectionString: database.urlOf('postgres') });
    await client.connect();
    await client.query('create database cascade').finally(() => client.end());
    return database;
  }

  get url(): string {
    return this.urlOf('cascade');
  }

  goAway(): Promise<void> {
    return stopServer(this.cluster, this.server);
  }

  async comeBack(): Promise<void> {
    this.server = (await ensureRunning(this.cluster)).postmaster;
  }

  async remove(): Promise<void> {
    await this.goAway();
    await rm(this.cluster.dataDir, { recursive: true, force: true });
  }

  private urlOf(name: string): string {
    const { socketDirectory, port } = this.server;
    const where = new URLSearchParams({ host: socketDirectory, port: String(port), user: 'cascade', ssl: '0' });
    return `postgres:///${name}?${where.toString()}`;
  }
}
