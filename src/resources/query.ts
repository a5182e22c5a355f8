/** Lists from the inventory: filters, order and pages over all sites, in SQL. */
import type { Database } from '../database/database.js';
import { Fault } from '../openstack/faults.js';
import type { Row } from './inventory.js';

/** A piece of SQL with `?` for its values. Column names come from tables in our code, never from a request. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export const condition = (sql: string, ...values: unknown[]): Condition => ({ sql, values });

export interface SortKey {
  /** A fact of the kind, or one of the columns `id`, `created_at`, `updated_at`. */
  readonly by: string;
  readonly direction: 'asc' | 'desc';
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

const columns = new Set(['id', 'created_at', 'updated_at']);

// Names are compared as MySQL does for every service: without regard to case.
const expression = (by: string): string =>
  columns.has(by) ? `r.${by}` : `sort_value(r.facts->'${by.replace(/'/g, "''")}')`;

type Add = (value: unknown) => string;

function spell(where: readonly Condition[], add: Add): string[] {
  return where.map(({ sql, values }) => {
    let at = 0;
    return `(${sql.replace(/\?/g, () => add(values[at++]))})`;
  });
}

/** How many living rows of one kind there are. */
export async function countRows(database: Database, kind: string, where: readonly Condition[]): Promise<number> {
  const values: unknown[] = [kind];
  const conditions = spell(where, (value) => `$${values.push(value)}`);
  const { count } = await database.one<{ count: number }>(
    `select count(*) from resource r where ${['r.kind = $1', 'r.deleted_at is null', ...conditions].join(' and ')}`,
    values,
  );
  return count;
}

/** Rows of one kind. @throws Fault 400 where the marker is unknown */
export async function listRows(database: Database, query: ListQuery): Promise<Row[]> {
  const values: unknown[] = [query.kind];
  const add: Add = (value) => `$${values.push(value)}`;
  const conditions = [
    'r.kind = $1',
    ...(query.withDeleted ? [] : ['r.deleted_at is null']),
    ...spell(query.where, add),
  ];
  if (query.marker !== undefined) {
    conditions.push(await afterMarker(database, query, add));
  }
  const order = query.sort
    .map(({ by, direction }) => `${expression(by)} ${flip(direction, query.backwards)}`)
    .join(', ');
  const rows = await database.many<Row>(
    `select r.kind, r.id, r.site_id, r.project_id, r.created_at, r.updated_at, r.deleted_at, r.body
       from resource r where ${conditions.join(' and ')}
      order by ${order} ${query.limit === undefined ? '' : `limit ${add(query.limit)}`} ${query.offset ? `offset ${add(query.offset)}` : ''}`,
    values,
  );
  return query.backwards ? rows.reverse() : rows;
}

const flip = (direction: 'asc' | 'desc', backwards?: boolean): 'asc' | 'desc' =>
  backwards ? (direction === 'asc' ? 'desc' : 'asc') : direction;

/** Everything behind the marker's row in the asked order: keyset paging, whose cost does not grow with the page. */
async function afterMarker(database: Database, query: ListQuery, add: Add): Promise<string> {
  // As text: a JavaScript date would lose the microseconds by which rows of one second are told apart.
  const keys = query.sort.map(({ by }, at) => `${expression(by)}::text as k${at}`).join(', ');
  const found = await database.many<Record<string, unknown>>(
    `select ${keys} from resource r where r.kind = $1 and r.id = $2 limit 1`,
    [query.kind, query.marker],
  );
  const marker = found[0];
  if (!marker) throw new Fault('bad-request', `marker [${query.marker}] not found`);
  const branches = query.sort.map(({ by, direction }, at) => {
    const equal = query.sort
      .slice(0, at)
      .map((key, before) => `${expression(key.by)} = ${literal(key.by, marker[`k${before}`], add)}`);
    const sign = flip(direction, query.backwards) === 'asc' ? '>' : '<';
    return `(${[...equal, `${expression(by)} ${sign} ${literal(by, marker[`k${at}`], add)}`].join(' and ')})`;
  });
  return `(${branches.join(' or ')})`;
}

const literal = (by: string, value: unknown, add: (value: unknown) => string): string =>
  `${add(value)}::${by === 'id' ? 'text' : columns.has(by) ? 'timestamptz' : 'jsonb'}`;
