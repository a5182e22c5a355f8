/** Rows of one kind in memory, found by id and by some of their columns. */
import type { Fault } from '@cascade/openstack-protocol/faults.js';
import { watched, type Part } from '../../state/part.js';

export interface Row {
  readonly id: string;
  /** '' for what the cloud itself made. */
  project_id: string;
  [name: string]: unknown;
}

/** Most values are those of one row alone, which then needs no map of its own. */
type Index<T> = Map<unknown, T | Map<string, T>>;

export class Table<T extends Row> {
  private readonly rows = new Map<string, T>();
  private readonly indexes = new Map<string, Index<T>>();
  /** Until a row comes or goes. */
  private ordered: readonly T[] | undefined;
  /** Told of the id of each row that comes, changes or goes. */
  private onTouch: (id: string) => void = () => undefined;
  private onRestore: () => void = () => undefined;

  constructor(
    private readonly noSuch: (id: string) => Fault,
    /** Columns by which rows are found; a change of one must come through `change`. */
    indexed: readonly string[] = [],
  ) {
    for (const column of ['project_id', ...indexed]) this.indexes.set(column, new Map());
  }

  find(id: unknown): T | undefined {
    return this.rows.get(id as string);
  }

  /** @throws Fault 404 */
  require(id: unknown): T {
    const row = this.find(id);
    if (!row) throw this.noSuch(String(id));
    return row;
  }

  absent(id: string): Fault {
    return this.noSuch(id);
  }

  /** In the order in which they were made. */
  all(): Iterable<T> {
    return this.rows.values();
  }

  /** In the order of their ids, which most lists have. */
  inOrder(): readonly T[] {
    this.ordered ??= [...this.rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return this.ordered;
  }

  where(column: string, value: unknown): T[] {
    const found = this.index(column).get(value);
    return found instanceof Map ? [...found.values()] : found ? [found] : [];
  }

  count(column: string, value: unknown): number {
    const found = this.index(column).get(value);
    return found instanceof Map ? found.size : found ? 1 : 0;
  }

  put(row: T): void {
    this.rows.set(row.id, row);
    this.ordered = undefined;
    for (const [column, index] of this.indexes) enter(index, row[column], row);
    this.onTouch(row.id);
  }

  change(row: T, changes: Partial<T>): void {
    for (const [column, index] of this.indexes) {
      if (!(column in changes) || changes[column] === row[column]) continue;
      leave(index, row[column], row.id);
      enter(index, changes[column], row);
    }
    Object.assign(row, changes);
    this.onTouch(row.id);
  }

  remove(row: T): void {
    this.rows.delete(row.id);
    this.ordered = undefined;
    for (const [column, index] of this.indexes) leave(index, row[column], row.id);
    this.onTouch(row.id);
  }

  part(): Part {
    return watched({
      rows: () => this.rows,
      find: (id) => this.rows.get(id),
      watch: (listener) => (this.onTouch = listener),
      restore: (rows: ReadonlyMap<string, T>) => {
        for (const row of [...this.rows.values()]) this.remove(row);
        for (const row of rows.values()) this.put(row);
        this.onRestore();
      },
    });
  }

  /** Called when other rows are in place of all. */
  whenRestored(listener: () => void): void {
    this.onRestore = listener;
  }

  private index(column: string): Index<T> {
    const index = this.indexes.get(column);
    if (!index) throw new Error(`no index of ${column}`);
    return index;
  }
}

function enter<T extends Row>(index: Index<T>, value: unknown, row: T): void {
  const known = index.get(value);
  if (known === undefined) index.set(value, row);
  else if (known instanceof Map) known.set(row.id, row);
  else if (known !== row) index.set(value, new Map([known, row].map((one) => [one.id, one])));
}

function leave<T extends Row>(index: Index<T>, value: unknown, id: string): void {
  const known = index.get(value);
  if (known instanceof Map) {
    known.delete(id);
    if (known.size === 0) index.delete(value);
  } else if (known?.id === id) index.delete(value);
}
