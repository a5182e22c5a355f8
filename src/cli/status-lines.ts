/** Lines that stay, and under them one line for each thing that is going on, written over as it goes on. */
import { say } from './words.js';

/** Seconds between two looks at what goes on, where nothing can be written over (a file, a pipe). */
const quietSeconds = 30;

export class StatusLines {
  private shown = 0;
  private saidAt = -Infinity;
  private readonly out = process.stdout;

  /** A line that stays. */
  done(line: string): void {
    this.clear();
    say(line);
  }

  /**
   * What is going on now.
   * @param summary one line instead, where lines cannot be written over
   */
  now(lines: readonly string[], summary: string): void {
    if (!this.out.isTTY) return this.sayNowAndThen(summary);
    this.clear();
    const room = Math.max(1, this.out.rows - 2);
    const fit = lines.length > room ? [...lines.slice(0, room - 1), `… and ${lines.length - room + 1} more`] : lines;
    for (const line of fit) say(line.slice(0, this.out.columns - 1));
    this.shown = fit.length;
  }

  clear(): void {
    if (this.shown > 0) this.out.write(`\u001b[${this.shown}A\u001b[J`);
    this.shown = 0;
  }

  private sayNowAndThen(summary: string): void {
    if (performance.now() - this.saidAt < quietSeconds * 1000) return;
    this.saidAt = performance.now();
    say(summary);
  }
}
