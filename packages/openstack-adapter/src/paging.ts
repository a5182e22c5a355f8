/** Pages of lists that are small enough to be cut in memory. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';

/**
 * The page a query asks for.
 * @returns `next`: the link to the page behind it, where there is one
 * @throws Fault 400 for a limit that is no number or a marker that is not there
 */
export function pageOf<T extends { readonly id: string }>(
  asked: Asked,
  rows: readonly T[],
  most: number,
  noSuchMarker = (marker: string): string => `marker [${marker}] not found`,
): { page: T[]; next?: string } {
  const limit = limitOf(asked, most);
  const marker = asked.query.get('marker');
  const from = marker === null ? 0 : rows.findIndex(({ id }) => id === marker) + 1;
  if (marker !== null && from === 0) throw new Fault('bad-request', noSuchMarker(marker));
  const page = rows.slice(from, from + limit);
  const last = page.at(-1);
  return last && from + page.length < rows.length ? { page, next: nextLink(asked, last.id) } : { page };
}

/** @throws Fault 400 */
export function limitOf(asked: Asked, most: number): number {
  const text = asked.query.get('limit');
  if (text === null) return most;
  if (!/^\d+$/.test(text)) {
    const reason = text === '' ? 'is too short' : "does not match '^[0-9]*$'";
    throw new Fault('bad-request', `Invalid input for query parameters limit. Value: ${text}. '${text}' ${reason}`);
  }
  return Math.min(Number(text), most);
}

export function nextLink(asked: Asked, marker: string): string {
  const query = new URLSearchParams(asked.rawQuery);
  query.set('marker', marker);
  return `${asked.serviceUrl}${asked.service.version}${asked.path}?${query.toString()}`;
}
