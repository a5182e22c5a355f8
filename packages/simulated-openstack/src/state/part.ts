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
export interface Shelf<T> {
  rows(): Iterable<readonly [key: string, row: T]>;
  restore(rows: ReadonlyMap<string, T>): void;
}

/** A shelf that tells of its changes. */
export interface WatchedShelf<T> extends Shelf<T> {
  find(key: string): T | undefined;
  watch(listener: (key: string) => void): void;
}

const entriesOf = <T>(shelf: Shelf<T>): Entry[] =>
  Array.from(shelf.rows(), ([key, row]): Entry => [key, JSON.stringify(row)]);

/** For few rows, whoever changes them and however: each is compared with what it was. */
export function compared<T>(shelf: Shelf<T>): Part {
  const known = new Map<string, string | undefined>();
  return {
    isWatched: false,
    all: () => entriesOf(shelf),
    changes() {
      const entries = entriesOf(shelf);
      const changed = entries.filter(([key, row]) => known.get(key) !== row);
      for (const [key, row] of changed) known.set(key, row);
      if (known.size === entries.length) return changed;
      const there = new Set(entries.map(([key]) => key));
      const gone = [...known.keys()].filter((key) => !there.has(key));
      for (const key of gone) known.delete(key);
      return [...changed, ...gone.map((key): Entry => [key, undefined])];
    },
    restore: (rows) => shelf.restore(rows as ReadonlyMap<string, T>),
  };
}

/** For any number of rows. */
export function watched<T>(shelf: WatchedShelf<T>): Part {
  const touched = new Set<string>();
  shelf.watch((key) => touched.add(key));
  return {
    isWatched: true,
    all: () => entriesOf(shelf),
    changes() {
      const entries = [...touched].map((key): Entry => {
        const row = shelf.find(key);
        return [key, row === undefined ? undefined : JSON.stringify(row)];
      });
      touched.clear();
      return entries;
    },
    restore: (rows) => shelf.restore(rows as ReadonlyMap<string, T>),
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
