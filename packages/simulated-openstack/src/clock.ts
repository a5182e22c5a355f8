/** A cloud's time: when it is, and what happens later. A skewed cloud writes other times than the rest of the world. */
import { compared, type Parts } from './state/part.js';
import { noDurations, type Durations, type Task } from './durations.js';

/** What a service's scheduled tasks do, by name: a name outlives the program, and a function does not. */
export type ScheduledTasks = Readonly<Record<string, (about: never) => void | Promise<void>>>;

/** Runs one of a service's scheduled tasks when its time is over: between half the usual time and half as much again. */
export type After<T extends ScheduledTasks> = <Name extends keyof T & string>(
  duration: Task,
  name: Name,
  about: Parameters<T[Name]>[0],
) => void;

/** A task that is still to be done. */
export interface Pending {
  readonly name: string;
  readonly about: unknown;
  /** Milliseconds since the epoch, by the world's clock: a skew makes nothing later. */
  readonly dueAt: number;
}

/** What was written down before tasks had their name under `name`. */
type OldPending = Omit<Pending, 'name'> & { readonly deed: string };

const pendingIn = (row: Pending | OldPending): Pending =>
  'deed' in row ? { name: row.deed, about: row.about, dueAt: row.dueAt } : row;

export class Clock {
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly tasks = new Map<string, (about: unknown) => void | Promise<void>>();
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
  register<T extends ScheduledTasks>(tasks: T): After<T> {
    for (const [name, task] of Object.entries(tasks)) {
      this.tasks.set(name, task as (about: unknown) => void | Promise<void>);
    }
    return (duration, name, about) => {
      const dueAt = Date.now() + this.durations[duration] * (0.5 + this.draw());
      this.wait((this.last += 1), { name, about, dueAt });
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
          for (const [number, row] of rows) this.wait((this.last = Number(number)), pendingIn(row));
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
  private do(number: number, { name, about }: Pending): void {
    const done = (): void => {
      this.waiting.delete(number);
      this.onDone();
    };
    const doing = this.tasks.get(name)!(about);
    if (doing) void doing.finally(done);
    else done();
  }
}

/** `2026-11-24T14:15:09Z`, as Nova and Glance write times. */
export const isoSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** `2026-11-24T14:15:09.000000`, as Cinder and some of Nova write times. */
export const isoMicros = (ms: number): string => new Date(ms).toISOString().replace('Z', '000');
