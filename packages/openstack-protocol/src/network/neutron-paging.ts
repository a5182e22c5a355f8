/** Order and pages of lists, as Neutron asks for them. @see openstack/neutron:neutron/api/api_common.py */
import { Fault } from '../faults.js';
import { idAsKept } from '../filters/text-collation.js';
import type { Asked } from '../server/route.js';
import { pythonInteger } from '../validation/python-literal.js';

export interface Page {
  /** Rows asked for; undefined where no limit was given, and no links are. */
  readonly limit: number | undefined;
  readonly marker: string | undefined;
  readonly reverse: boolean;
}

export const noPage: Page = { limit: undefined, marker: undefined, reverse: false };

/**
 * @param maxRows an operator's pagination_max_limit
 * @throws Fault 400 for a limit that is no whole number of at least 0
 */
export function pageAsked(query: URLSearchParams, maxRows = Infinity): Page {
  const text = query.get('limit') ?? '0';
  const wanted = pythonInteger(text);
  if (wanted === undefined || wanted < 0) {
    const words = `Bad limit request: Limit must be an integer 0 or greater and not '${text}'.`;
    throw new Fault('bad-request', words, { type: 'BadRequest' });
  }
  const limit = Math.min(wanted, maxRows);
  const reverse = (query.get('page_reverse') ?? '').toLowerCase() === 'true';
  if (limit === 0) return { ...noPage, reverse };
  return { limit, marker: idAsKept(query.get('marker') ?? '') || undefined, reverse };
}

export interface SortKey {
  /** An attribute. */
  readonly by: string;
  readonly direction: 'asc' | 'desc';
}

const badQuery = (words: string): Fault => new Fault('bad-request', words, { type: 'HTTPBadRequest' });

/**
 * The asked order, by id at the end.
 * @throws Fault 400 where keys and directions do not pair, and for keys that cannot be sorted by
 */
export function sortAsked(query: URLSearchParams, sorts: (attribute: string) => boolean): SortKey[] {
  const keys = query.getAll('sort_key').filter(Boolean);
  const directions = query.getAll('sort_dir').filter(Boolean);
  if (keys.length !== directions.length) throw badQuery('The number of sort_keys and sort_dirs must be same');
  const absent = keys.filter((key) => !sorts(key));
  if (absent.length > 0) throw badQuery(`${listed(absent)} is invalid attribute for sort_keys`);
  const wrong = directions.filter((direction) => direction !== 'asc' && direction !== 'desc');
  if (wrong.length > 0) {
    throw badQuery(`${listed(wrong)} is invalid value for sort_dirs, valid value is 'asc' and 'desc'`);
  }
  const asked = keys.map((by, at): SortKey => ({ by, direction: directions[at] === 'desc' ? 'desc' : 'asc' }));
  return asked.some(({ by }) => by === 'id') ? asked : [...asked, { by: 'id', direction: 'asc' }];
}

const listed = (names: readonly string[]): string => `[${names.map((name) => `'${name}'`).join(', ')}]`;

/**
 * Links to the pages before and after, where a limit was asked for.
 * @param ids of the rows shown, which may not show them
 */
export function pageLinks(asked: Asked, ids: readonly string[], limit: number | undefined, reverse: boolean) {
  if (limit === undefined) return [];
  const short = ids.length < limit;
  return [
    ...(short && !reverse ? [] : [{ rel: 'next', href: linkOf(asked, ids.at(-1), false) }]),
    ...(short && reverse ? [] : [{ rel: 'previous', href: linkOf(asked, ids[0], true) }]),
  ];
}

function linkOf(asked: Asked, marker: string | undefined, reverse: boolean): string {
  const query = new URLSearchParams(asked.rawQuery);
  query.delete('marker');
  query.delete('page_reverse');
  if (marker !== undefined) query.set('marker', marker);
  if (reverse) query.set('page_reverse', 'True');
  return `${asked.serviceUrl}${asked.service.version}${asked.path}?${query.toString()}`;
}
