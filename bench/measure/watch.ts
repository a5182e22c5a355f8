/** One site, watched from both sides: when something changed there, and when the cascade first showed it. */
import { setTimeout as delay } from 'node:timers/promises';
import { serverPages, type Cloud } from '../cloud.js';

/** What was not shown by then counts as never. */
export const timeoutMs = 60_000;

export interface Change {
  readonly site: string;
  readonly id: string;
  readonly at: number;
  /** Milliseconds; undefined until the cascade has shown it. */
  staleness?: number;
}

const stamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

export class Watch {
  private readonly changes = new Map<string, Change>();
  /** What the cascade has shown of each server, in the order in which it did: it may know before we ask the site. */
  private readonly shown = new Map<string, { updated: number; shownAt: number }[]>();
  private readonly from = Date.now();
  private readonly to: number;

  constructor(
    private readonly cascade: Cloud,
    private readonly site: Cloud,
    stayMs: number,
  ) {
    this.to = this.from + stayMs;
  }

  async run(): Promise<Change[]> {
    await Promise.all([this.askSite(), this.askCascade()]);
    return [...this.changes.values()];
  }

  private async askSite(): Promise<void> {
    for (let last = false; !last;) {
      last = Date.now() > this.to + 1_000; // once more after the end, for its last second
      const next = delay(last ? 0 : 1_000);
      for await (const page of serverPages(this.site, `/servers/detail?changes-since=${stamp(this.from)}`)) {
        for (const { id, updated } of page) this.note(id, Date.parse(updated ?? ''));
      }
      await next;
    }
  }

  private note(id: string, at: number): void {
    const key = `${id} ${at}`;
    if (at < this.from || at > this.to || this.changes.has(key)) return;
    const change: Change = { site: this.site.address.name, id, at };
    const shown = this.shown.get(id)?.find((one) => one.updated >= at);
    if (shown) change.staleness = shown.shownAt - at;
    this.changes.set(key, change);
  }

  private async askCascade(): Promise<void> {
    const zone = encodeURIComponent(this.site.address.name);
    const path = `/servers/detail?availability_zone=${zone}&changes-since=${stamp(this.from)}`;
    while (Date.now() < this.to + 2_000 || (this.isWaiting() && Date.now() < this.to + timeoutMs)) {
      const next = delay(500);
      for await (const page of serverPages(this.cascade, path, '2.83')) {
        for (const { id, updated } of page) this.see(id, Date.parse(updated ?? ''), Date.now());
      }
      await next;
    }
  }

  private see(id: string, updated: number, shownAt: number): void {
    const before = this.shown.get(id) ?? [];
    if (before.some((one) => one.updated >= updated)) return;
    this.shown.set(id, [...before, { updated, shownAt }]);
    for (const change of this.changes.values()) {
      if (change.id === id && change.at <= updated) change.staleness ??= shownAt - change.at;
    }
  }

  private isWaiting(): boolean {
    return [...this.changes.values()].some(({ staleness }) => staleness === undefined);
  }
}
