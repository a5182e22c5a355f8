/** A cascade as an operator runs it: processes that can be killed, and a database in its data directory. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive, kill, readPostmaster } from '../../src/database/postmaster.js';
import { program } from '../program.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const startTimeoutMs = 180_000; // on a busy machine

export type Victim = 'api' | 'worker' | 'database';

export interface CascadeOptions {
  readonly keystoneUrl: string;
  readonly port: number;
  /** Processes that serve; with 1 the API's process is the worker, too. */
  readonly processes: number;
  readonly environment?: Record<string, string>;
  /** @default a temporary one */
  readonly dataDir?: string | undefined;
  /** @default embedded */
  readonly databaseUrl?: string | undefined;
}

export class RunningCascade {
  /** What it said, apart from the data: it is kept where something went wrong. */
  readonly logFile: string;
  private child: ChildProcess | undefined;
  private ready: Promise<void> = Promise.resolve();
  /** Those that said they serve, the latest last. */
  private serving: number[] = [];

  private constructor(
    readonly dataDir: string,
    private readonly options: CascadeOptions,
  ) {
    this.logFile = join(tmpdir(), `${basename(dataDir)}.log`);
  }

  static async start(options: CascadeOptions): Promise<RunningCascade> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'cascade-harness-')));
    await chmod(dataDir, 0o711); // as root the embedded server is another user
    const cascade = new RunningCascade(dataDir, options);
    cascade.launch();
    try {
      await cascade.ready;
      return cascade;
    } catch (error) {
      await cascade.stop();
      throw error;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.options.port}`;
  }

  /** Resolves when it serves, after whatever was killed last. @throws Error where it does not come back */
  whenReady(): Promise<void> {
    return this.ready;
  }

  /** How its process ended; undefined while it runs. */
  get ended(): number | string | undefined {
    return this.child?.exitCode ?? this.child?.signalCode ?? undefined;
  }

  /** kill -9, and for what nobody else starts again a new start on the same data directory. */
  async kill(victim: Victim): Promise<void> {
    await this.ready;
    if (victim === 'database') return this.killDatabase();
    const worker = this.serving.at(-1);
    if (victim === 'worker' && this.options.processes > 1 && worker !== undefined) {
      kill(worker, 'SIGKILL'); // its supervisor starts another
      return;
    }
    const ended = once(this.child!, 'exit');
    this.child!.kill('SIGKILL');
    await ended;
    this.launch();
  }

  /** Asks it to stop. @returns the code it ends with, undefined where it does not */
  async end(): Promise<number | null | undefined> {
    if (!this.child || this.ended !== undefined) return this.child?.exitCode;
    const ended = once(this.child, 'exit') as Promise<[number | null]>;
    this.child.kill('SIGTERM');
    return (await Promise.race([ended, delay(20_000, undefined, { ref: false })]))?.[0];
  }

  /** Starts it again on the same data. */
  begin(): Promise<void> {
    this.launch();
    return this.ready;
  }

  /** Ends all of it, killed or not, and forgets the data. */
  async stop(): Promise<void> {
    await this.ready.catch(() => undefined);
    if ((await this.end()) === undefined) this.child?.kill('SIGKILL');
    await this.killDatabase();
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }

  /** URL of its database, past the program. */
  async databaseUrl(): Promise<string> {
    if (this.options.databaseUrl !== undefined) return this.options.databaseUrl;
    const server = await readPostmaster(this.pgData);
    if (typeof server !== 'object') throw new Error('the database does not run');
    const where = new URLSearchParams({ host: server.socketDirectory, port: String(server.port), user: 'cascade' });
    return `postgres:///cascade?${where.toString()}`;
  }

  private get pgData(): string {
    return join(this.dataDir, 'postgres');
  }

  private async killDatabase(): Promise<void> {
    const server = await readPostmaster(this.pgData);
    if (typeof server !== 'object') return;
    kill(server.pid, 'SIGKILL');
    while (isAlive(server.pid)) await delay(10);
  }

  private launch(): void {
    const { keystoneUrl, port, processes, environment, databaseUrl } = this.options;
    const child = spawn(
      process.execPath,
      [...program(), 'serve', ...(processes > 1 ? ['--processes', String(processes)] : [])],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          CASCADE_DATA_DIR: this.dataDir,
          CASCADE_LISTEN: `127.0.0.1:${port}`,
          CASCADE_KEYSTONE_URL: keystoneUrl,
          ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
          ...environment,
        },
      },
    );
    this.child = child;
    this.serving = [];
    this.ready = this.untilServing(child);
    this.ready.catch(() => undefined); // whoever waits for it is told
  }

  private async untilServing(child: ChildProcess): Promise<void> {
    let text = '';
    const hear = (chunk: Buffer): void => {
      appendFileSync(this.logFile, chunk);
      const lines = (text + chunk.toString()).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines.filter((one) => one.includes('"cascade.ready"')))
        this.serving.push((JSON.parse(line) as { pid: number }).pid);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    for (const end = Date.now() + startTimeoutMs; this.serving.length === 0; await delay(50)) {
      if (child.exitCode !== null) throw new Error(`the cascade ended with ${child.exitCode}, see ${this.logFile}`);
      if (Date.now() > end) throw new Error(`the cascade does not serve, see ${this.logFile}`);
    }
  }
}
