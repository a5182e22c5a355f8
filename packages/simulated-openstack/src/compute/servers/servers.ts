/** All servers of one cloud: those it began with, those made since, and what became of both. */
import type { Clock } from '../../clock.js';
import { watched, type Parts } from '../../state/part.js';
import type { InitialServers } from './population.js';
import type { Server } from './server.js';

/** How long a tombstone is told of. */
const tombstoneMs = 24 * 3_600_000;

/** Told of every change; `before` is undefined for a new server, and `after` says deleted of a deleted one. */
export type Watcher = (before: Server | undefined, after: Server) => void;

export class Servers {
  /** What differs from the first population, and what is new: by id, the deleted too. */
  private readonly known = new Map<string, Server>();
  /** Made since the start, the youngest last. */
  private made: string[] = [];
  /** Every change in order of its time; a server that changed again is there again. */
  private changes: { readonly at: number; readonly id: string }[] = [];
  /** One bit for each of the first population that is deleted and whose tombstone is gone. */
  private readonly buried: Uint8Array;
  private gone = 0;
  private readonly watchers: Watcher[] = [];

  constructor(
    readonly initial: InitialServers,
    private readonly clock: Clock,
  ) {
    this.buried = new Uint8Array(Math.ceil(initial.count / 8));
  }

  watch(watcher: Watcher): void {
    this.watchers.push(watcher);
  }

  /** A server that lives, or one that is deleted while its tombstone is kept. */
  find(id: string): Server | undefined {
    const known = this.known.get(id);
    if (known) return known;
    const index = this.initial.indexOf(id);
    return index === undefined || this.isBuried(index) ? undefined : this.initial.at(index);
  }

  /** One that lives. */
  living(id: string): Server | undefined {
    const server = this.find(id);
    return server?.deletedAt === null ? server : undefined;
  }

  /** How many live. */
  get count(): number {
    return this.initial.count + this.made.length - this.gone;
  }

  /** How many are kept in memory, tombstones included. */
  get kept(): number {
    return this.known.size;
  }

  /** How many there ever were, as far as anybody remembers. */
  get ever(): number {
    return this.initial.count + this.made.length;
  }

  /** One of `ever`, in no particular order; undefined where it is forgotten. */
  nth(n: number): Server | undefined {
    return n < this.initial.count ? this.atIndex(n) : this.known.get(this.made[n - this.initial.count] ?? '');
  }

  add(server: Server): void {
    this.insert(server);
    this.keep(undefined, server);
  }

  /** Changes what lives; what was deleted meanwhile stays as it is. */
  change(id: string, changes: Partial<Server>): Server | undefined {
    const before = this.living(id);
    if (!before) return undefined;
    const after = { ...before, ...changes, updatedAt: this.clock.now() };
    this.keep(before, after);
    return after;
  }

  remove(id: string): void {
    const deletedAt = this.clock.now();
    if (this.change(id, { vmState: 'deleted', taskState: null, deletedAt })) this.gone += 1;
  }

  /** Removes one that was made since the start, and every trace of it: no list of changes tells that it was there. */
  forget(id: string): void {
    this.remove(id);
    if (!this.known.delete(id)) return;
    this.gone -= 1;
    this.made = this.made.filter((other) => other !== id);
    this.changes = this.changes.filter((change) => change.id !== id);
  }

  /** Everything in Nova's default order: the youngest first, then the greater id. They are computed one by one. */
  newestFirst(): Generator<Server> {
    return this.fromMade(this.made.length - 1);
  }

  /** The same, of one project: others of the first population are not even computed. */
  *ofProject(projectId: string): Generator<Server> {
    for (let at = this.made.length - 1; at >= 0; at -= 1) {
      const server = this.known.get(this.made[at]!);
      if (server?.projectId === projectId) yield server;
    }
    for (let index = 0; index < this.initial.count; index += 1) {
      if (this.initial.projectOf(index) !== projectId) continue;
      const server = this.atIndex(index);
      if (server) yield server;
    }
  }

  /** As `newestFirst`, behind one of them. Undefined where there is none of that id. */
  behind(marker: string): Generator<Server> | undefined {
    const index = this.initial.indexOf(marker);
    if (index !== undefined) return this.isBuried(index) ? undefined : this.fromIndex(index + 1);
    const at = this.made.lastIndexOf(marker);
    return at < 0 ? undefined : this.fromMade(at - 1);
  }

  /** Each server that was changed or deleted since, once, in no particular order. */
  changedSince(since: number): Server[] {
    const seen = new Set<string>();
    for (let at = this.firstChangeSince(since); at < this.changes.length; at += 1) seen.add(this.changes[at]!.id);
    const found = [...seen].map((id) => this.known.get(id)).filter((server): server is Server => server !== undefined);
    // Those nobody touched since the start were changed when they were made.
    for (let index = 0; index < this.initial.count && this.initial.createdAt(index) + 60_000 >= since; index += 1) {
      const server = this.atIndex(index);
      if (server && server.updatedAt >= since && !seen.has(server.id)) found.push(server);
    }
    return found;
  }

  /** Forgets tombstones that are old, and the changes nobody can ask for any more. */
  sweep(): void {
    const before = this.clock.now() - tombstoneMs;
    for (const [id, server] of this.known) {
      if (server.deletedAt === null || server.deletedAt >= before) continue;
      this.known.delete(id);
      // One of the first population must be remembered as deleted, else it would live again.
      const index = this.initial.indexOf(id);
      if (index === undefined) this.gone -= 1;
      else this.bury(index);
    }
    this.made = this.made.filter((id) => this.known.has(id));
    this.changes = this.changes.filter(({ at }) => at >= before);
  }

  parts(): Parts {
    return {
      server: watched({
        rows: () => this.rows(),
        find: (id) => this.known.get(id),
        watch: (listener) => this.watch((_before, { id }) => listener(id)),
        restore: (rows) => this.restore(rows),
      }),
    };
  }

  /** What differs from the first population. */
  private *rows(): Generator<[id: string, row: Server | 'buried']> {
    yield* this.known;
    for (let index = 0; index < this.initial.count; index += 1) {
      if (this.isBuried(index)) yield [this.initial.idOf(index), 'buried'];
    }
  }

  private restore(rows: ReadonlyMap<string, Server | 'buried'>): void {
    for (const [id, server] of rows) {
      const index = this.initial.indexOf(id);
      if (server === 'buried' || server.deletedAt !== null) this.gone += 1;
      if (server === 'buried') this.bury(index!);
      else {
        this.known.set(id, server);
        if (index === undefined) this.insert(server);
        for (const watcher of this.watchers) watcher(undefined, server);
      }
    }
    this.changes = [...this.known.values()].map(({ id, updatedAt: at }) => ({ at, id })).sort((a, b) => a.at - b.at);
  }

  private bury(index: number): void {
    this.buried[index >> 3]! |= 1 << (index & 7);
  }

  private isBuried(index: number): boolean {
    return (this.buried[index >> 3]! & (1 << (index & 7))) !== 0;
  }

  private atIndex(index: number): Server | undefined {
    // Most were never touched: the look-up by id is spared while nothing at all was.
    const known = this.known.size > 0 ? this.known.get(this.initial.idOf(index)) : undefined;
    return known ?? (this.isBuried(index) ? undefined : this.initial.at(index));
  }

  private *fromMade(start: number): Generator<Server> {
    for (let at = start; at >= 0; at -= 1) {
      const server = this.known.get(this.made[at]!);
      if (server) yield server;
    }
    yield* this.fromIndex(0);
  }

  private *fromIndex(start: number): Generator<Server> {
    for (let index = start; index < this.initial.count; index += 1) {
      const server = this.atIndex(index);
      if (server) yield server;
    }
  }

  /** Times count in seconds, as in Nova's database; ids tell those of one second apart. */
  private insert(server: Server): void {
    let at = this.made.length;
    for (; at > 0; at -= 1) {
      const before = this.known.get(this.made[at - 1]!);
      if (!before || secondOf(before) < secondOf(server)) break;
      if (secondOf(before) === secondOf(server) && before.id < server.id) break;
    }
    this.made.splice(at, 0, server.id);
  }

  private keep(before: Server | undefined, after: Server): void {
    this.known.set(after.id, after);
    // A clock that was set back must not spoil the order.
    const at = Math.max(after.updatedAt, this.changes.at(-1)?.at ?? 0);
    this.changes.push({ at, id: after.id });
    if (this.changes.length > 100_000 && this.changes.length > 4 * this.known.size) this.compact();
    for (const watcher of this.watchers) watcher(before, after);
  }

  private firstChangeSince(since: number): number {
    let low = 0;
    let high = this.changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.changes[middle]!.at < since) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private compact(): void {
    const last = new Map<string, number>();
    for (const { at, id } of this.changes) last.set(id, at);
    this.changes = this.changes.filter(({ at, id }) => last.get(id) === at);
  }
}

const secondOf = (server: Server): number => Math.floor(server.createdAt / 1000);
