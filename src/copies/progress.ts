/** How far a copy has come, written down about once a second, and whether its bytes are still wanted. */
import type { CopyKey, CopyTable } from './copy-table.js';
import { RetryLater } from '../jobs/job.js';

/** Its bytes are wanted no more. What there is of them at the target goes with the copy's end. */
export class CopyCancelled extends Error {
  override readonly name = 'CopyCancelled';
  constructor() {
    super('the image is being deleted');
  }
}

export class Progress {
  private readonly end = new AbortController();
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly table: CopyTable,
    private readonly key: CopyKey,
    private readonly sourceId: number,
  ) {}

  /** Aborted with `CopyCancelled` when the image is being deleted. */
  get cancelled(): AbortSignal {
    return this.end.signal;
  }

  /** Takes no time of who tells it. */
  tell(bytes: number): void {
    this.last = this.last.then(() => this.note(bytes)).catch(() => undefined); // it is told again in a second
  }

  /** All that was told is written. */
  async settled(): Promise<void> {
    await this.last;
  }

  private async note(bytes: number): Promise<void> {
    if (!(await this.table.progress(this.key, bytes, this.sourceId))) this.end.abort(new CopyCancelled());
  }
}

const againSeconds = 5;

export class SiteNotReady extends RetryLater {
  constructor(cause: string) {
    super(cause, againSeconds);
  }
}
