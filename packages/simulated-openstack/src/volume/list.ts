/** Lists of volumes, snapshots and backups. @see openstack/cinder:cinder/api/common.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { compareTexts } from '@cascade/openstack-protocol/filters/text-collation.js';
import { noSuch } from '@cascade/openstack-adapter/volume/refusals.js';
import { integerOf } from './asked.js';
import type { Columns } from './columns.js';
import { filtersAsked, type Filtered } from './filters.js';
import { projectUrl } from './view.js';

/** One of the three, as its lists need to know it. */
export interface Listed<T> extends Filtered {
  readonly keys: string;
  /** In its messages: `Volume`. */
  readonly word: string;
  rows(): Iterable<T>;
  columnsOf(row: T): Columns;
}

/** osapi_max_limit, which cuts every page. */
const mostRows = 1000;
const integer = /^\s*[+-]?\d+\s*$/;
const bad = (words: string): Fault => new Fault('bad-request', words);

/** How rows are put in order, and found again by a marker. */
export interface Paged<T> {
  /** By whose names lists may be sorted. */
  readonly columns: ReadonlySet<string>;
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
  { query }: Asked,
  { columns, columnsOf, noMarker }: Paged<T>,
  rows: readonly T[],
  all: Iterable<T> = rows,
): T[] {
  const { limit, offset } = pageAsked(query);
  const order = orderAsked(columns, query);
  const found = rows.map((row) => ({ row, columns: columnsOf(row) }));
  found.sort((a, b) => order(a.columns, b.columns));
  const marker = query.get('marker');
  const marked = marker === null ? undefined : [...all].find(({ id }) => id === marker);
  if (marker !== null && !marked) throw noMarker(marker);
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
    const { limit } = pageAsked(asked.query);
    const { filters, allTenants, withCount } = filtersAsked(asked, listed);
    const found: T[] = [];
    for (const row of listed.rows()) {
      if (!allTenants && row.projectId !== asked.caller.projectId && !namesProject(asked)) continue;
      const columns = listed.columnsOf(row);
      if (filters.every((filter) => filter(columns))) found.push(row);
    }
    const page = pageOf(asked, paged, found, listed.rows());
    const links = nextLink(asked, page.at(-1)?.id, limit > (withCount ? found.length : page.length));
    return json(200, {
      [listed.keys]: page.map((row) => view(asked, row)),
      ...(links ? { [`${listed.keys}_links`]: links } : {}),
      ...(withCount ? { count: found.length } : {}),
    });
  };
}

// An administrator who names a project looks at that one.
const namesProject = ({ caller, query }: Asked): boolean =>
  caller.isAdmin && query.has('project_id') && query.has('all_tenants');

export function nextLink(asked: Asked, last: string | undefined, isLast: boolean) {
  if (last === undefined || isLast) return undefined;
  const query = new URLSearchParams(asked.rawQuery);
  query.set('marker', last);
  return [{ rel: 'next', href: `${projectUrl(asked)}${asked.path}?${query.toString()}` }];
}

/** @throws Fault 400 */
export function pageAsked(query: URLSearchParams): { limit: number; offset: number } {
  const limit = query.get('limit') ?? String(mostRows);
  if (!integer.test(limit)) throw bad('limit param must be an integer');
  if (Number(limit) < 0) throw bad('limit param must be positive');
  const offset = integerOf('offset', query.get('offset') ?? '0', 0);
  return { limit: Math.min(Number(limit), mostRows), offset };
}

type Compare = (a: Columns, b: Columns) => number;

/** By what was asked for, then time and id in the first direction. @throws Fault 400 */
function orderAsked(columns: ReadonlySet<string>, query: URLSearchParams): Compare {
  const sort = query.get('sort');
  if (sort !== null && (query.has('sort_key') || query.has('sort_dir'))) {
    throw bad("The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.");
  }
  const asked =
    sort === null
      ? [[query.get('sort_key') ?? 'created_at', query.get('sort_dir') ?? 'desc']]
      : sort.split(',').map((part) => part.split(/:(.*)/s));
  const keys = asked.map(([key = '', direction]) => {
    // Groups have a name of their own, volumes and their kin a display name.
    const by = key.trim() === 'name' && !columns.has('name') ? 'display_name' : key.trim();
    const way = direction?.trim() || 'desc';
    if (way !== 'asc' && way !== 'desc')
      throw bad("Invalid input received: Unknown sort direction, must be 'desc' or 'asc'.");
    if (!columns.has(by)) throw bad('Invalid input received: Invalid sort key');
    return { by, way };
  });
  const way = keys[0]?.way ?? 'desc';
  for (const by of ['created_at', 'id']) if (!keys.some((key) => key.by === by)) keys.push({ by, way });
  return (a, b) =>
    keys.reduce((found, key) => found || compare(a[key.by], b[key.by]) * (key.way === 'asc' ? 1 : -1), 0);
}

/** What is not there comes first, as in MySQL. */
function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : 1;
  return compareTexts(String(a), String(b));
}
