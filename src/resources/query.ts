/** Lists from the inventory: filters, order and pages over all sites, in SQL. */
import type { Database, Queryable } from '../database/database.js';
import { rowColumns, type Row } from './inventory.js';
import { afterMarker, expression, flip } from './order.js';
import { withPatternTimeout } from './pattern-timeout.js';
import type { Condition, ListQuery, Add } from './list-query.js';

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
  const { count } = await withPatternTimeout(database, where, (on) =>
    on.one<{ count: number }>(
      `select count(*) from resource r where ${['r.kind = $1', 'r.deleted_at is null', ...conditions].join(' and ')}`,
      values,
    ),
  );
  return count;
}

/** Rows of one kind. @throws Fault 400 where the marker is unknown */
export const listRows = (database: Database, query: ListQuery): Promise<Row[]> =>
  listColumns<Row>(database, query, rowColumns);

/** The same with a choice of columns, `r.id, r.name`: an index that has them all spares the rows themselves. */
export async function listColumns<Chosen>(database: Database, query: ListQuery, columns: string): Promise<Chosen[]> {
  const rows = await withPatternTimeout(database, query.where, async (on) => {
    const { text, values } = await spellList(on, query, columns);
    return on.many<Chosen>(text, values);
  });
  return query.backwards ? rows.reverse() : rows;
}

/** A list as SQL. @throws Fault 400 where the marker is unknown */
export async function spellList(
  database: Queryable,
  query: ListQuery,
  columns: string,
): Promise<{ text: string; values: unknown[] }> {
  const values: unknown[] = [query.kind];
  const add: Add = (value) => `$${values.push(value)}`;
  const conditions = ['r.kind = $1', ...spell(query.where, add)];
  if (query.marker !== undefined) conditions.push(await afterMarker(database, query, query.marker, add));
  const order = query.sort.map((key) => `${expression(key)} ${flip(key.direction, query.backwards)}`);
  const ordered = order.length > 0 ? ` order by ${order.join(', ')}` : '';
  const page = `${query.limit === undefined ? '' : ` limit ${add(query.limit)}`}${query.offset ? ` offset ${add(query.offset)}` : ''}`;
  const rows = (deleted: 'is null' | 'is not null'): string =>
    `from resource r where ${[...conditions, `r.deleted_at ${deleted}`].join(' and ')}${ordered}`;
  if (!query.withDeleted) return { text: `select ${columns} ${rows('is null')}${page}`, values };
  // Two indexes hold the living and the gone apart, each in order: of either no more is needed than the page may have.
  const enough = query.limit === undefined ? '' : ` limit ${add(query.limit + (query.offset ?? 0))}`;
  const both = (['is null', 'is not null'] as const).map((deleted) => `(select r.* ${rows(deleted)}${enough})`);
  return { text: `select ${columns} from (${both.join(' union all ')}) r${ordered}${page}`, values };
}
