/** Durable work: what a kind of job is, and how an attempt may end. */

/** One attempt as the work itself sees it. */
export interface Attempt {
  /** Counted from 1; what was cut off by a crash counts, waiting for a silent site does not. */
  readonly number: number;
  /** Aborted when the job was cancelled, went to another process, or this one stops. */
  readonly signal: AbortSignal;
}

export interface JobKind<Input> {
  readonly name: string;
  /** Jobs of one lane that run at once, over all processes. */
  readonly perLane: number;
  /** Attempts until it is given up. */
  readonly attempts: number;
  /** Seconds between two attempts, doubled with each up to five minutes. @default 1 */
  readonly backoffSeconds?: number;
  /**
   * Does it, wherever an earlier attempt was cut off: each step must be one that may be done twice. It ends well by
   * returning.
   * @throws RetryLater, NonRetryable; anything else is a failed attempt
   */
  run(input: Input, attempt: Attempt): Promise<void>;
  /** It was given up for this cause. */
  gaveUp?(input: Input, cause: string): Promise<void>;
}

/** Not now, through no fault of the attempt: it does not count. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  constructor(
    cause: string,
    readonly seconds: number,
  ) {
    super(cause);
  }
}

/** Another attempt would end alike. */
export class NonRetryable extends Error {
  override readonly name = 'NonRetryable';
}

export interface Job {
  readonly id: number;
  readonly kind: string;
  readonly key: string;
  readonly input: unknown;
  readonly attempts: number;
}
