/** A file system of our own that can be filled to the last byte. Root alone may have one. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const block = Buffer.alloc(64 * 1024);

export class TinyDisk {
  private constructor(readonly path: string) {}

  /** @returns undefined where this user may not mount */
  static mount(mebibytes: number): TinyDisk | undefined {
    const path = mkdtempSync(join(tmpdir(), 'cascade-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0711`, 'tmpfs', path], { stdio: 'ignore' });
      return new TinyDisk(path);
    } catch {
      rmSync(path, { recursive: true });
      return undefined;
    }
  }

  fill(): void {
    const file = openSync(this.filler, 'w');
    try {
      for (;;) writeSync(file, block);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.filler, { force: true });
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.path]);
    rmSync(this.path, { recursive: true });
  }

  private get filler(): string {
    return join(this.path, 'filler');
  }
}
