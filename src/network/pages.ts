/** Order and pages of lists over all sites. */
import { pageAsked, pageLinks, sortAsked, type Page } from '@cascade/openstack-protocol/network/neutron-paging.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Body } from '../resources/kind.js';
import { attributesOf } from './attributes.js';
import type { SortKey } from '../resources/list-query.js';
import { flip } from '../resources/order.js';

/** Rows a list shows at most in one answer, as an operator of Neutron sets with pagination_max_limit; links lead on. */
const maxRows = 10_000;

/** @throws Fault 400 for a limit that is no whole number of at least 0 */
export const pageOf = (query: URLSearchParams): Page => pageAsked(query, maxRows);

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

/** @throws Fault 400 where keys and directions do not pair, and for keys that cannot be sorted by */
export function sortOf(kind: string, query: URLSearchParams): SortKey[] {
  const attributes = attributesOf(kind);
  const attribute = (key: string) => (Object.hasOwn(attributes, key) ? attributes[key] : undefined);
  return sortAsked(query, (key) => attribute(key)?.sorts === true).map((key) => ({
    ...key,
    enumeration: attribute(key.by)?.enumeration,
  }));
}

/**
 * A list as it is answered: the page, and links where a limit was asked for or where more rows are there than one answer holds.
 * @param ids of the rows shown, which may not show them
 */
export function listBody(asked: Asked, keys: string, shown: readonly Body[], ids: readonly string[], page: Page): Body {
  const cut = page.limit === undefined && shown.length > maxRows;
  const size = page.limit ?? (cut ? maxRows : undefined);
  const links = pageLinks(asked, ids.slice(0, size), size, page.reverse);
  return { [keys]: shown.slice(0, size), ...(links.length > 0 ? { [`${keys}_links`]: links } : {}) };
}
