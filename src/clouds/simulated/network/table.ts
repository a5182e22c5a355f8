/** Rows of one kind in memory, found by id and by some of their columns. */
import type { Fault } from '../../../openstack/faults.js';

export interface Row {
  readonly id: string;
  /** '' for what the cloud itself made. */
  project_id: string;
  [name: string]: unknown;
}

export class Table<T extends Row> {
  private readonly rows = new Map<string, T>();
  private readonly indexes = new Map<string, Map<unknown, Map<string, T>>>();

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

  where(column: string, value: unknown): T[] {
    return [...(this.index(column).get(value)?.values() ?? [])];
  }

  count(column: string, value: unknown): number {
    return this.index(column).get(value)?.size ?? 0;
  }

  put(row: T): void {
    this.rows.set(row.id, row);
    for (const [column, index] of this.indexes) enter(index, row[column], row);
  }

  change(row: T, changes: Partial<T>): void {
    for (const [column, index] of this.indexes) {
      if (!(column in changes) || changes[column] === row[column]) continue;
      leave(index, row[column], row.id);
      enter(index, changes[column], row);
    }
    Object.assign(row, changes);
  }

  remove(row: T): void {
    this.rows.delete(row.id);
    for (const [column, index] of this.indexes) leave(index, row[column], row.id);
  }

  private index(column: string): Map<unknown, Map<string, T>> {
    const index = this.indexes.get(column);
    if (!index) throw new Error(`no index of ${column}`);
    return index;
  }
}

function enter<T extends Row>(index: Map<unknown, Map<string, T>>, value: unknown, row: T): void {
  const rows = index.get(value);
  if (rows) rows.set(row.id, row);
  else index.set(value, new Map([[row.id, row]]));
}

function leave<T extends Row>(index: Map<unknown, Map<string, T>>, value: unknown, id: string): void {
  const rows = index.get(value);
  rows?.delete(id);
  if (rows?.size === 0) index.delete(value);
}
