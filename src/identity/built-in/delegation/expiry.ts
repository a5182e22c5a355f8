/**
 * When an application credential or a trust ends.
 * @see openstack/keystone:keystone/common/utils.py parse_expiration_date
 */
import { invalid } from '../refusals.js';

const rest =
  'The server could not comply with the request since it is either malformed or otherwise incorrect. ' +
  'The client is assumed to be in error.';

/** @returns ISO 8601 in UTC, or null for ever. @throws Fault 400 for what is no time, or is over */
export function expiryOf(given: unknown): string | null {
  if (given === undefined || given === null) return null;
  const text = typeof given === 'string' ? given : '';
  // Without a zone it is UTC, as all of Keystone's times are.
  const time = new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(time.getTime())) {
    throw invalid(`Timestamp not in expected format. ${rest}`);
  }
  if (time.getTime() <= Date.now()) throw invalid(`The 'expires_at' must not be before now. ${rest}`);
  // Clients compare it with what they sent, to the microsecond.
  const micros = (/\.(\d+)/.exec(text)?.[1] ?? '').padEnd(6, '0').slice(0, 6);
  return `${time.toISOString().slice(0, 19)}.${micros}Z`;
}
