/** A cloud's time: when it is, and what happens later. A skewed cloud writes other times than the rest of the world. */
import { noDurations, type Durations, type Task } from './durations.js';

export class Clock {
  private readonly timers = new Set<NodeJS.Timeout>();
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

  /** Does something when a task of that kind is done: between half the usual time and half as much again. */
  after(task: Task, work: () => void): void {
    this.later(this.durations[task] * (0.5 + this.draw()), work);
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
}

/** `2026-11-24T14:15:09Z`, as Nova and Glance write times. */
export const isoSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** `2026-11-24T14:15:09.000000`, as Cinder and some of Nova write times. */
export const isoMicros = (ms: number): string => new Date(ms).toISOString().replace('Z', '000');
