/** What a cloud remembers: parts, each of them rows by key. Rows are plain data. */

/** A row as JSON; undefined for one that is gone. */
export type Entry = readonly [key: string, row: string | undefined];

export interface Part {
  /** True where `changes` costs nothing while nothing changed; others look at each row. */
  readonly isWatched: boolean;
  /** Rows that changed since this was asked last. */
  changes(): Entry[];
  /** All rows, in the order in which they are to be taken back. */
  all(): Entry[];
  /** Takes back rows that were kept, in place of those there are. */
  restore(rows: ReadonlyMap<string, unknown>): void;
}

export type Parts = Readonly<Record<string, Part>>;

/** Where the rows of a part are. */
export interface RowSource<T> {
  rows(): Iterable<readonly [key: string, row: T]>;
  restore(rows: ReadonlyMap<string, T>): void;
}

/** The same, where each change is told. */
export interface WatchedRows<T> extends RowSource<T> {
  find(key: string): T | undefined;
  watch(listener: (key: string) => void): void;
}

const entriesOf = <T>(source: RowSource<T>): Entry[] =>
  Array.from(source.rows(), ([key, row]): Entry => [key, JSON.stringify(row)]);

/** For few rows, whoever changes them and however: each is compared with what it was. */
export function compared<T>(source: RowSource<T>): Part {
  const known = new Map<string, string | undefined>();
  return {
    isWatched: false,
    all: () => entriesOf(source),
    changes() {
      const entries = entriesOf(source);
      const changed = entries.filter(([key, row]) => known.get(key) !== row);
      for (const [key, row] of changed) known.set(key, row);
      if (known.size === entries.length) return changed;
      const there = new Set(entries.map(([key]) => key));
      const gone = [...known.keys()].filter((key) => !there.has(key));
      for (const key of gone) known.delete(key);
      return [...changed, ...gone.map((key): Entry => [key, undefined])];
    },
    restore: (rows) => source.restore(rows as ReadonlyMap<string, T>),
  };
}

/** For any number of rows. */
export function watched<T>(source: WatchedRows<T>): Part {
  const touched = new Set<string>();
  source.watch((key) => touched.add(key));
  return {
    isWatched: true,
    all: () => entriesOf(source),
    changes() {
      const entries = [...touched].map((key): Entry => {
        const row = source.find(key);
        return [key, row === undefined ? undefined : JSON.stringify(row)];
      });
      touched.clear();
      return entries;
    },
    restore: (rows) => source.restore(rows as ReadonlyMap<string, T>),
  };
}

/** Rows of a map. */
export const rowsIn = <T>(map: Map<string, T>): Part =>
  compared({
    rows: () => map,
    restore(rows) {
      map.clear();
      for (const [key, row] of rows) map.set(key, row);
    },
  });

export const namesIn = (set: Set<string>): Part =>
  compared({
    rows: () => Array.from(set, (name) => [name, true] as const),
    restore(rows) {
      set.clear();
      for (const name of rows.keys()) set.add(name);
    },
  });

/** One value alone. */
export const valueAt = <T>(get: () => T, set: (value: T) => void): Part =>
  compared({
    rows: () => [['', get()]],
    restore: (rows) => void (rows.has('') && set(rows.get('') as T)),
  });
