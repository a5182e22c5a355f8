/**
 * Whether a site's service answers: a circuit breaker whose only way back is the probe's, so that no tenant's request
 * is spent on finding out. It opens after several silences in a row and closes after several answers in a row.
 */
export interface HealthView {
  readonly reachable: boolean;
  /** When `reachable` last changed. */
  readonly since: Date;
  readonly lastError?: string;
}

export interface Thresholds {
  /** Silences in a row until the service counts as unreachable. @default 3 */
  readonly silences: number;
  /** Answers of the probe in a row until it counts as reachable again. @default 2 */
  readonly answers: number;
}

/** Milliseconds between two probes of a service that is unreachable, or may be. */
const doubtMs = 3_000;
/** A service that is well is probed only where it has answered nothing for so many milliseconds. */
const quietMs = 10_000;

export class Health {
  private silences = 0;
  private answers = 0;
  private view: HealthView = { reachable: true, since: new Date() };
  private probedAt = -Infinity;
  private answeredAt = -Infinity;

  constructor(
    private readonly thresholds: Thresholds = { silences: 3, answers: 2 },
    /** Milliseconds of a clock that never goes back. */
    private readonly clock: () => number = () => performance.now(),
  ) {}

  get now(): HealthView {
    return this.view;
  }

  /** True after a silence that is not yet one too many. */
  get isDoubted(): boolean {
    return this.view.reachable && this.silences > 0;
  }

  /** @param inDoubt whether another service of the same site is: as a rule it is the site that fails, not the service */
  isProbeDue(inDoubt: boolean): boolean {
    const isWell = this.view.reachable && this.silences === 0 && !inDoubt;
    const last = isWell ? Math.max(this.answeredAt, this.probedAt) : this.probedAt;
    return this.clock() - last >= (isWell ? quietMs : doubtMs);
  }

  probing(): void {
    this.probedAt = this.clock();
  }

  answered(byProbe: boolean): void {
    this.silences = 0;
    this.answeredAt = this.clock();
    if (this.view.reachable || !byProbe) return;
    this.answers += 1;
    if (this.answers >= this.thresholds.answers) this.view = { reachable: true, since: new Date() };
  }

  silent(error: string): void {
    this.answers = 0;
    this.silences += 1;
    if (this.view.reachable && this.silences >= this.thresholds.silences) {
      this.view = { reachable: false, since: new Date(), lastError: error };
    }
  }
}
