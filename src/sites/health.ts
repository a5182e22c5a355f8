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

export interface Patience {
  /** Silences in a row until the service counts as unreachable. @default 3 */
  readonly silences: number;
  /** Answers of the probe in a row until it counts as reachable again. @default 2 */
  readonly answers: number;
}

export class Health {
  private silences = 0;
  private answers = 0;
  private view: HealthView = { reachable: true, since: new Date() };

  constructor(private readonly patience: Patience = { silences: 3, answers: 2 }) {}

  get now(): HealthView {
    return this.view;
  }

  answered(byProbe: boolean): void {
    this.silences = 0;
    if (this.view.reachable || !byProbe) return;
    this.answers += 1;
    if (this.answers >= this.patience.answers) this.view = { reachable: true, since: new Date() };
  }

  silent(error: string): void {
    this.answers = 0;
    this.silences += 1;
    if (this.view.reachable && this.silences >= this.patience.silences) {
      this.view = { reachable: false, since: new Date(), lastError: error };
    }
  }
}
