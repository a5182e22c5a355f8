/** What a list from the inventory asks for: conditions, order, page. */

/** A piece of SQL with `?` for its values. Column names come from tables in our code, never from a request. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
  /** True where a value is a caller's pattern, whose cost nobody knows beforehand. */
  readonly isPattern?: boolean;
}

export const condition = (sql: string, ...values: unknown[]): Condition => ({ sql, values });

/** A condition whose value is a caller's regular expression: it gets no more than a few seconds. */
export const patternCondition = (sql: string, pattern: string): Condition => ({
  sql,
  values: [pattern],
  isPattern: true,
});

export interface SortKey {
  /** A fact of the kind, one of the columns `id`, `created_at`, `updated_at`, or `body.` and a field of the body. */
  readonly by: string;
  readonly direction: 'asc' | 'desc';
  /** The values of an enumeration, which MySQL sorts by their place in it. */
  readonly enumeration?: readonly string[] | undefined;
}

export interface ListQuery {
  readonly kind: string;
  readonly where: readonly Condition[];
  /** Ends with a key that no two rows share. */
  readonly sort: readonly SortKey[];
  readonly limit?: number | undefined;
  /** Rows to leave out before the page. @default 0 */
  readonly offset?: number | undefined;
  /** Id of the last row of the page before. */
  readonly marker?: string | undefined;
  /** The page before the marker instead of after it. */
  readonly backwards?: boolean;
  /** True shows tombstones too. */
  readonly withDeleted?: boolean;
}

/** Writes a value's place, `$1`, and keeps the value. */
export type Add = (value: unknown) => string;
