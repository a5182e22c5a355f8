/** Keeps what a cloud is: nothing is told that is not on the disk. */
import type { Logger } from 'pino';
import type { Parts } from './part.js';
import { BadStateFile, StateFile, type Title } from './state-file.js';

/** Of one change: `["server", "9f0c…", {…}]`, without a row for what is gone; `["server"]` says that there is such a part. */
type Line = readonly (readonly [part: string, key?: string, row?: unknown])[];

export class Keeper {
  /** What is to be written, by part and key. */
  private unwritten = new Map<string, string>();
  private writing: Promise<void> | undefined;
  private queued: Promise<void> | undefined;

  private constructor(
    private readonly file: StateFile,
    private readonly parts: Parts,
    private readonly log: Logger,
  ) {}

  /**
   * Gives the parts back what the file has of them.
   * @param title what tells this cloud from others
   * @throws BadStateFile
   */
  static async open(path: string, title: Title, parts: Parts, log: Logger): Promise<Keeper> {
    const { file, lines } = await StateFile.open(path, title);
    const keeper = new Keeper(file, parts, log);
    try {
      if (lines && lines.length > 0) restore(parts, lines as Line[], path);
      await keeper.rewrite();
      return keeper;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Resolves when all that happened until now is on the disk.
   * @param everywhere false where nothing can have changed but what tells of its changes by itself
   * @throws the disk's error; it is tried again with what happens next
   */
  settle(everywhere = true): Promise<void> {
    this.note(everywhere);
    if (this.unwritten.size === 0) return this.writing ?? Promise.resolve();
    this.queued ??= this.writeBehind(this.writing);
    return this.queued;
  }

  async close(): Promise<void> {
    await this.settle().catch(() => undefined);
    await this.file.close();
  }

  private note(everywhere: boolean): void {
    for (const [name, part] of Object.entries(this.parts)) {
      if (!everywhere && !part.isWatched) continue;
      for (const [key, row] of part.changes()) {
        const words = `${JSON.stringify(name)},${JSON.stringify(key)}`;
        this.unwritten.set(words, row === undefined ? `[${words}]` : `[${words},${row}]`);
      }
    }
  }

  /** Many who ask while one line is being written share the next. */
  private async writeBehind(before: Promise<void> | undefined): Promise<void> {
    await before?.catch(() => undefined);
    this.queued = undefined;
    this.writing = this.write();
    try {
      await this.writing;
    } finally {
      this.writing = undefined;
    }
  }

  private async write(): Promise<void> {
    const batch = this.unwritten;
    this.unwritten = new Map();
    try {
      await this.file.append(`[${[...batch.values()].join(',')}]`);
    } catch (error) {
      this.unwritten = new Map([...batch, ...this.unwritten]);
      this.log.error(
        { event: 'simulated.not_kept', err: error },
        'the state of a simulated cloud could not be written',
      );
      throw error;
    }
    if (this.file.isLong)
      await this.rewrite().catch((error: unknown) =>
        this.log.warn(
          { event: 'simulated.not_rewritten', err: error },
          'the state of a simulated cloud was not compacted',
        ),
      );
  }

  /** All rows as they are in this moment. */
  private async rewrite(): Promise<void> {
    this.note(true);
    const lines = Object.entries(this.parts).flatMap(([name, part]) => {
      const word = JSON.stringify(name);
      return [`[[${word}]]`, ...part.all().map(([key, row]) => `[[${word},${JSON.stringify(key)},${row}]]`)];
    });
    const covered = this.unwritten;
    this.unwritten = new Map();
    try {
      await this.file.rewrite(lines);
    } catch (error) {
      this.unwritten = new Map([...covered, ...this.unwritten]);
      throw error;
    }
  }
}

/** @throws BadStateFile for rows that nobody understands */
function restore(parts: Parts, lines: readonly Line[], path: string): void {
  const rows = new Map<string, Map<string, unknown>>();
  for (const [name, key, ...row] of lines.flat()) {
    if (!Object.hasOwn(parts, name)) throw new BadStateFile(`${path}: this version does not know what a ${name} is`);
    const own = rows.get(name) ?? new Map<string, unknown>();
    rows.set(name, own);
    if (key === undefined) continue;
    if (row.length === 0) own.delete(key);
    else own.set(key, row[0]);
  }
  // A part that is younger than the file stays as it begins.
  for (const [name, part] of Object.entries(parts)) {
    const own = rows.get(name);
    if (own) part.restore(own);
  }
}
