/** Pages of lists, as Nova and Cinder ask for them. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';

/** Rows of one page at most, whatever is asked for. */
export const maxPage = 1000;

/**
 * @throws Fault 400 for anything but a whole number of at least 0
 * @see openstack/nova:nova/api/validation/parameter_types.py non_negative_integer
 */
export function pageLimit(asked: Asked): number {
  const text = asked.query.get('limit');
  if (text === null) return maxPage;
  if (!/^\d+$/.test(text)) {
    const reason = text === '' ? 'is too short' : "does not match '^[0-9]*$'";
    const words = `Invalid input for query parameters limit. Value: ${text}. '${text}' ${reason}`;
    throw new Fault('bad-request', words);
  }
  return Math.min(Number(text), maxPage);
}

/** The URL of the page after `marker`: the same question with another marker. */
export function nextLink(asked: Asked, marker: string): string {
  const query = new URLSearchParams(asked.rawQuery);
  query.set('marker', marker);
  return `${asked.serviceUrl}${asked.service.version}${asked.path}?${query.toString()}`;
}
