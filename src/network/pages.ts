/** Order and pages, as Neutron asks for them. @see openstack/neutron:neutron/api/api_common.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { pythonInteger } from '@cascade/openstack-protocol/validation/python-literal.js';
import { idAsKept } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { Body } from '../resources/kind.js';
import { attributesOf } from './attributes.js';
import { badQuery } from './faults.js';
import type { SortKey } from '../resources/list-query.js';
import { flip } from '../resources/order.js';

/** Rows a list shows at most in one answer, as an operator of Neutron sets with pagination_max_limit; links lead on. */
const maxRows = 10_000;

export interface Page {
  /** Rows asked for; undefined where no limit was given, and no links are. */
  readonly limit: number | undefined;
  readonly marker: string | undefined;
  readonly reverse: boolean;
}

export const noPage: Page = { limit: undefined, marker: undefined, reverse: false };

/** @throws Fault 400 for a limit that is no whole number of at least 0 */
export function pageOf(query: URLSearchParams): Page {
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

/** Rows to read: one more than is shown without being asked for a limit, to know whether something was left out. */
export const rowsToRead = (page: Page): number => page.limit ?? maxRows + 1;

/**
 * The order of the rows: a page that is read backwards is shown forwards, a whole list is shown backwards.
 * @see openstack/neutron-lib:neutron_lib/db/model_query.py get_collection
 */
export const ordered = <Key extends { readonly direction: 'asc' | 'desc' }>(sort: readonly Key[], page: Page): Key[] =>
  sort.map((key) => ({ ...key, direction: flip(key.direction, page.limit === undefined && page.reverse) }));

/** The attributes that are to be shown; an empty name is one that nothing has. */
export const fieldsOf = (query: URLSearchParams): string[] => query.getAll('fields');

/**
 * The asked order, by id at the end.
 * @throws Fault 400 where keys and directions do not pair, and for keys that cannot be sorted by
 */
export function sortOf(kind: string, query: URLSearchParams): SortKey[] {
  const keys = query.getAll('sort_key').filter(Boolean);
  const directions = query.getAll('sort_dir').filter(Boolean);
  if (keys.length !== directions.length) throw badQuery('The number of sort_keys and sort_dirs must be same');
  const attributes = attributesOf(kind);
  const absent = keys.filter((key) => !Object.hasOwn(attributes, key) || !attributes[key]?.sorts);
  if (absent.length > 0) throw badQuery(`${listed(absent)} is invalid attribute for sort_keys`);
  const wrong = directions.filter((direction) => direction !== 'asc' && direction !== 'desc');
  if (wrong.length > 0) {
    throw badQuery(`${listed(wrong)} is invalid value for sort_dirs, valid value is 'asc' and 'desc'`);
  }
  const asked = keys.map((by, at): SortKey => {
    const enumeration = attributes[by]?.enumeration;
    return { by, direction: directions[at] === 'desc' ? 'desc' : 'asc', enumeration };
  });
  return asked.some(({ by }) => by === 'id') ? asked : [...asked, { by: 'id', direction: 'asc' }];
}

const listed = (names: readonly string[]): string => `[${names.map((name) => `'${name}'`).join(', ')}]`;

/**
 * A list as it is answered: the page, and links where a limit was asked for or where more rows are there than one answer holds.
 * @param ids of the rows shown, which may not show them
 */
export function listBody(asked: Asked, keys: string, shown: readonly Body[], ids: readonly string[], page: Page): Body {
  const cut = page.limit === undefined && shown.length > maxRows;
  const size = page.limit ?? (cut ? maxRows : undefined);
  const links = linksOf(asked, ids.slice(0, size), size, page.reverse);
  return { [keys]: shown.slice(0, size), ...(links.length > 0 ? { [`${keys}_links`]: links } : {}) };
}

function linksOf(asked: Asked, ids: readonly string[], limit: number | undefined, reverse: boolean) {
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
