/**
 * A file that is written at its end only: a line for each change of a cloud, which is whole or not there. Whoever is killed
 * in the middle of one leaves half a line, which the next one takes away. When most of its lines are of the past it is
 * written anew beside itself and put in its own place.
 */
import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Its first line: what it is about. */
export type Title = Readonly<Record<string, string | number>>;

/** A file that cannot be used. */
export class BadStateFile extends Error {}

export class StateFile {
  private constructor(
    private readonly path: string,
    private readonly title: Title,
    private handle: FileHandle,
    /** Bytes of whole lines. */
    private size: number,
    /** Its size when it was written anew. */
    private sizeAnew: number,
  ) {}

  /**
   * Opens a file, or begins one.
   * @returns what its lines hold, without the title; undefined for a new file
   * @throws BadStateFile for one about something else, or with a line in its middle that cannot be read
   */
  static async open(path: string, title: Title): Promise<{ file: StateFile; lines: unknown[] | undefined }> {
    const bytes = await bytesOf(path);
    if (!bytes) {
      const begun = await written(path, [JSON.stringify(title)]);
      return { file: new StateFile(path, title, begun.handle, begun.size, begun.size), lines: undefined };
    }
    const { lines, size } = wholeLines(bytes, path);
    requireTitle(lines[0], title, path);
    const handle = await open(path, 'r+');
    await handle.truncate(size);
    return { file: new StateFile(path, title, handle, size, 0), lines: lines.slice(1) };
  }

  /** True where more has been added than it began with. */
  get isLong(): boolean {
    return this.size > 2 * this.sizeAnew + 1_000_000;
  }

  /** Adds a line; it is on the disk when this is done, and nothing of it is there when it fails. @throws the disk's error */
  async append(line: string): Promise<void> {
    const bytes = Buffer.from(`${line}\n`);
    try {
      for (let at = 0; at < bytes.length;) {
        at += (await this.handle.write(bytes, at, bytes.length - at, this.size + at)).bytesWritten;
      }
      await this.handle.datasync();
    } catch (error) {
      await this.handle.truncate(this.size).catch(() => undefined);
      throw error;
    }
    this.size += bytes.length;
  }

  /** Puts other lines in place of all. @throws the disk's error; the old ones stay then */
  async rewrite(lines: readonly string[]): Promise<void> {
    const { handle, size } = await written(this.path, [JSON.stringify(this.title), ...lines]);
    await this.handle.close();
    this.handle = handle;
    this.size = this.sizeAnew = size;
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

async function bytesOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A whole new file in the place of that name. */
async function written(path: string, lines: readonly string[]): Promise<{ handle: FileHandle; size: number }> {
  const handle = await open(`${path}.new`, 'w', 0o600);
  try {
    for (const line of lines) await handle.writeFile(`${line}\n`);
    await handle.sync();
    await rename(`${path}.new`, path);
  } catch (error) {
    await handle.close();
    await rm(`${path}.new`, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
  return { handle, size: (await handle.stat()).size };
}

/** So that its new name is there after a loss of power too. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** @throws BadStateFile */
function wholeLines(bytes: Buffer, path: string): { lines: unknown[]; size: number } {
  const lines: unknown[] = [];
  let size = 0;
  let unreadable: number | undefined;
  for (let start = 0, number = 1; ; number += 1) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0) return { lines, size };
    const line = parsed(bytes.toString('utf8', start, end));
    start = end + 1;
    if (line === undefined) unreadable ??= number;
    else if (unreadable !== undefined) {
      throw new BadStateFile(`${path}:${unreadable}: this line cannot be read; without the file the cloud begins anew`);
    } else {
      lines.push(line);
      size = start;
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws BadStateFile */
function requireTitle(found: unknown, title: Title, path: string): void {
  const known = (found ?? {}) as Title;
  for (const [name, value] of Object.entries(title)) {
    if (known[name] === value) continue;
    throw new BadStateFile(`${path} is of another cloud: its ${name} is ${known[name] ?? 'not said'}, not ${value}`);
  }
}
