/** Limit, offset, marker and order of Cinder's lists. @see openstack/cinder:cinder/api/common.py */
import { Fault } from '../faults.js';
import type { Asked } from '../server/route.js';
import { pythonInteger } from '../validation/python-literal.js';
import { idAsKept } from '../filters/text-collation.js';

/** osapi_max_limit, which cuts every page. */
const maxPage = 1000;
const maxOffset = 0x7fffffff;

export interface Page {
  readonly limit: number;
  readonly offset: number;
  readonly marker: string | undefined;
}

const bad = (words: string): Fault => new Fault('bad-request', words);

/** @throws Fault 400 */
export function pageAsked(asked: Pick<Asked, 'query'>): Page {
  const limit = pythonInteger(asked.query.get('limit') ?? String(maxPage));
  if (limit === undefined) throw bad('limit param must be an integer');
  if (limit < 0) throw bad('limit param must be positive');
  const offset = pythonInteger(asked.query.get('offset') ?? '0');
  if (offset === undefined) throw bad('offset must be an integer');
  if (offset < 0) throw bad('offset must be >= 0');
  if (offset > maxOffset) throw bad(`offset must be <= ${maxOffset}`);
  return {
    limit: Math.min(limit, maxPage),
    offset,
    marker: markerAsked(asked.query),
  };
}

const markerAsked = (query: URLSearchParams): string | undefined => {
  const marker = query.get('marker');
  return marker === null ? undefined : idAsKept(marker);
};

export interface Asking {
  readonly key: string;
  readonly direction: string;
}

export interface SortKey {
  /** A column. */
  readonly by: string;
  readonly direction: 'asc' | 'desc';
}

/** `sort=name:asc,id`, or the older `sort_key` and `sort_dir`. @throws Fault 400 where both are given */
export function sortAsked(query: URLSearchParams): Asking[] {
  const sort = query.get('sort');
  if (sort !== null && (query.has('sort_key') || query.has('sort_dir'))) {
    throw bad("The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.");
  }
  if (sort === null) {
    return [
      { key: (query.get('sort_key') ?? 'created_at').trim(), direction: (query.get('sort_dir') ?? 'desc').trim() },
    ];
  }
  return sort
    .trim()
    .split(',')
    .map((part) => part.split(/:(.*)/s) as [string, string?])
    .map(([key, direction]) => ({ key: key.trim(), direction: direction?.trim() || 'desc' }));
}

/**
 * The keys asked for, then time and id in the first key's direction.
 * @param columnOf the column of a key; undefined for what cannot be sorted by
 * @throws Fault 400
 */
export function sortKeys(
  asked: readonly Asking[],
  relationships: ReadonlySet<string>,
  columnOf: (key: string) => string | undefined,
): SortKey[] {
  const keys = asked.flatMap(({ key, direction }): SortKey[] => {
    if (direction !== 'asc' && direction !== 'desc') {
      throw bad("Invalid input received: Unknown sort direction, must be 'desc' or 'asc'.");
    }
    if (relationships.has(key)) return [];
    const by = columnOf(key);
    if (by === undefined) throw bad('Invalid input received: Invalid sort key');
    return [{ by, direction }];
  });
  const direction = asked[0]?.direction === 'asc' ? 'asc' : 'desc';
  const missing = ['created_at', 'id'].filter((by) => !keys.some((key) => key.by === by));
  return [...keys, ...missing.map((by): SortKey => ({ by, direction }))];
}

/**
 * The link to the page after `last`; with a count a page is followed by another as long as the limit is below the count.
 * @see openstack/cinder:cinder/api/common.py ViewBuilder._get_collection_links
 */
export function nextPage(asked: Asked, page: Page, shown: number, last: string | undefined, count?: number) {
  if (last === undefined || page.limit > (count || shown)) return [];
  const query = new URLSearchParams(asked.rawQuery);
  query.set('marker', last);
  return [{ rel: 'next', href: `${projectUrl(asked)}${asked.path}?${query.toString()}` }];
}

/** `https://cloud.example/volume/v3/{project_id}`, as Cinder's links begin. */
export const projectUrl = (asked: Asked): string =>
  `${asked.serviceUrl}${asked.service.version}${asked.caller.projectId ? `/${asked.caller.projectId}` : ''}`;
