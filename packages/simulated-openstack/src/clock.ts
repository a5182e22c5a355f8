/** A cloud's time: when it is, and what happens later. A skewed cloud writes other times than the rest of the world. */
import { compared, type Parts } from './state/part.js';
import { noDurations, type Durations, type Task } from './durations.js';

/** What a service does later, by name: a name outlives the program, and a function does not. */
export type Deeds = Readonly<Record<string, (about: never) => void | Promise<void>>>;

/** Runs one of a service's scheduled tasks when its time is over: between half the usual time and half as much again. */
export type After<D extends Deeds> = <Name extends keyof D & string>(
  task: Task,
  deed: Name,
  about: Parameters<D[Name]>[0],
) => void;

/** What is still to be done. */
export interface Pending {
  readonly deed: string;
  readonly about: unknown;
  /** Milliseconds since the epoch, by the world's clock: a skew makes nothing later. */
  readonly dueAt: number;
}

export class Clock {
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly deeds = new Map<string, (about: unknown) => void | Promise<void>>();
  /** By number, in the order in which they were begun. */
  private readonly waiting = new Map<number, Pending>();
  private last = 0;
  private onDone: () => void = () => undefined;
  /** Milliseconds by which this cloud's clock is ahead. */
  skewMs = 0;

  constructor(
    private readonly durations: Durations = noDurations,
    /** From 0 up to 1: what makes one task longer than the next. */
    private readonly draw: () => number = () => 0.5,
  ) {}

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.skewMs;
  }

  /** Registers what tasks do; their names are unique over all services. */
  learn<D extends Deeds>(deeds: D): After<D> {
    for (const [name, deed] of Object.entries(deeds)) {
      this.deeds.set(name, deed as (about: unknown) => void | Promise<void>);
    }
    return (task, deed, about) => {
      const dueAt = Date.now() + this.durations[task] * (0.5 + this.draw());
      this.wait((this.last += 1), { deed, about, dueAt });
    };
  }

  /** Called after each task. */
  whenDone(listener: () => void): void {
    this.onDone = listener;
  }

  /** What is still to be done. Who takes it back goes on with it; what is overdue by then is done at once. */
  parts(): Parts {
    return {
      task: compared({
        rows: () => [...this.waiting].map(([number, pending]) => [String(number), pending] as const),
        restore: (rows) => {
          for (const [number, pending] of rows) this.wait((this.last = Number(number)), pending);
        },
      }),
    };
  }

  /** Does something later, unless the cloud is closed before. */
  later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms);
    timer.unref();
    this.timers.add(timer);
  }

  every(ms: number, work: () => void): void {
    const timer = setInterval(work, ms);
    timer.unref();
    this.timers.add(timer);
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private wait(number: number, pending: Pending): void {
    this.waiting.set(number, pending);
    this.later(Math.max(0, pending.dueAt - Date.now()), () => this.do(number, pending));
  }

  /** A task is run until it is done: one that had begun when the program ended runs again. */
  private do(number: number, { deed, about }: Pending): void {
    const done = (): void => {
      this.waiting.delete(number);
      this.onDone();
    };
    const doing = this.deeds.get(deed)!(about);
    if (doing) void doing.finally(done);
    else done();
  }
}

/** `2026-11-24T14:15:09Z`, as Nova and Glance write times. */
export const isoSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** `2026-11-24T14:15:09.000000`, as Cinder and some of Nova write times. */
export const isoMicros = (ms: number): string => new Date(ms).toISOString().replace('Z', '000');
