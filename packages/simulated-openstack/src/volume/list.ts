/** Lists of volumes, snapshots and backups. @see openstack/cinder:cinder/api/common.py */
import type { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { compareTexts } from '@cascade/openstack-protocol/filters/text-collation.js';
import { filtersAsked } from '@cascade/openstack-protocol/volume/cinder-filters.js';
import { sortColumn, type CinderList } from '@cascade/openstack-protocol/volume/cinder-lists.js';
import {
  nextPage,
  pageAsked,
  sortAsked,
  sortKeys,
  type SortKey,
} from '@cascade/openstack-protocol/volume/cinder-paging.js';
import { noSuch } from '@cascade/openstack-adapter/volume/refusals.js';
import type { Columns } from './columns.js';
import { passes } from './filters.js';

/** One of the three, as its lists need to know it. */
export interface Listed<T> extends CinderList {
  readonly keys: string;
  rows(): Iterable<T>;
  columnsOf(row: T): Columns;
}

/** How rows are put in order, and found again by a marker. */
export interface Paged<T> {
  /** By whose names lists may be sorted. */
  readonly columns: ReadonlySet<string>;
  /** Sort keys that give no order. */
  readonly relationships?: ReadonlySet<string>;
  /** @default 3.0 */
  readonly sortsByNameSince?: string;
  columnsOf(row: T): Columns;
  /** For a marker that is gone. */
  noMarker(id: string): Fault;
}

/**
 * The page that is asked for.
 * @param all among which a marker may be, where that are more than the rows
 * @throws Fault 400, 404
 */
export function pageOf<T extends { id: string }>(
  asked: Asked,
  { columns, relationships = new Set(), sortsByNameSince = '3.0', columnsOf, noMarker }: Paged<T>,
  rows: readonly T[],
  all: Iterable<T> = rows,
): T[] {
  const { limit, offset, marker } = pageAsked(asked);
  const columnOf = (key: string) => sortColumn(asked, { columns, sortsByNameSince }, key);
  const order = orderBy(sortKeys(sortAsked(asked.query), relationships, columnOf));
  const found = rows.map((row) => ({ row, columns: columnsOf(row) }));
  found.sort((a, b) => order(a.columns, b.columns));
  const marked = marker === undefined ? undefined : [...all].find(({ id }) => id === marker);
  if (marker !== undefined && !marked) throw noMarker(marker);
  const mark = marked && columnsOf(marked);
  const after = mark ? found.filter((one) => order(one.columns, mark) > 0) : found;
  return after.slice(offset, offset + limit).map(({ row }) => row);
}

export function list<T extends { id: string; projectId: string }>(
  listed: Listed<T>,
  view: (asked: Asked, row: T) => Record<string, unknown>,
): Answer {
  const paged: Paged<T> = { ...listed, noMarker: (id) => noSuch(listed.word, id) };
  return async (asked) => {
    const { filters, allTenants, withCount } = filtersAsked(asked, listed);
    const found: T[] = [];
    for (const row of listed.rows()) {
      if (!allTenants && row.projectId !== asked.caller.projectId && !namesProject(asked)) continue;
      const columns = listed.columnsOf(row);
      if (filters.every((filter) => passes(filter, columns))) found.push(row);
    }
    const page = pageOf(asked, paged, found, listed.rows());
    const count = withCount ? found.length : undefined;
    const links = nextPage(asked, pageAsked(asked), page.length, page.at(-1)?.id, count);
    return json(200, {
      [listed.keys]: page.map((row) => view(asked, row)),
      ...(links.length > 0 ? { [`${listed.keys}_links`]: links } : {}),
      ...(count === undefined ? {} : { count }),
    });
  };
}

// An administrator who names a project looks at that one.
const namesProject = ({ caller, query }: Asked): boolean =>
  caller.isAdmin && query.has('project_id') && query.has('all_tenants');

type Compare = (a: Columns, b: Columns) => number;

const orderBy =
  (keys: readonly SortKey[]): Compare =>
  (a, b) =>
    keys.reduce((found, { by, direction }) => found || compare(a[by], b[by]) * (direction === 'asc' ? 1 : -1), 0);

/** What is not there comes first, as in MySQL. */
function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : 1;
  return compareTexts(String(a), String(b));
}
