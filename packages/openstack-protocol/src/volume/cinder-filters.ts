/** Which filters of a query count: what Cinder refuses, drops and renames. @see openstack/cinder:cinder/api/common.py */
import { booleanWord } from '../filters/boolean-word.js';
import { Fault } from '../faults.js';
import { atLeast } from '../microversion.js';
import type { Asked } from '../server/route.js';
import { booleanParameter } from './cinder-boolean.js';
import { readFilter, type CinderFilter } from './cinder-filter-values.js';
import type { CinderList } from './cinder-lists.js';

const paging = ['limit', 'marker', 'offset', 'sort', 'sort_key', 'sort_dir'];

const renamed: Record<string, string> = {
  name: 'display_name',
  'name~': 'display_name~',
  'description~': 'display_description~',
};

export interface CinderFilters {
  /** All of which a row has to pass. */
  readonly filters: readonly CinderFilter[];
  readonly allTenants: boolean;
  readonly withCount: boolean;
}

/** @throws Fault 400 for what the caller may not filter by, and for a value that does not parse */
export function filtersAsked(asked: Asked, listed: CinderList): CinderFilters {
  const given = new Map([...asked.query].filter(([name]) => !paging.includes(name)));
  const counts = atLeast(asked.microversion, '3.45') && given.has('with_count');
  const withCount = counts && booleanParameter('with_count', given.get('with_count'));
  if (counts) given.delete('with_count');
  if (atLeast(asked.microversion, '3.31')) refuseUnknown(asked, listed, given);
  else dropUnknown(asked, listed, given);
  const allTenants = takeAllTenants(asked, listed, given);
  const filters = [...given].map(([name, value]) => readFilter(asked, listed, renamed[name] ?? name, value));
  return { filters, allTenants, withCount };
}

function refuseUnknown(asked: Asked, listed: CinderList, given: Map<string, string>): void {
  for (const name of given.keys()) {
    if (!/^[\0-\x7f]*$/.test(name)) throw new Fault('bad-request', 'Filter keys can only contain ASCII characters.');
  }
  if (!asked.caller.isAdmin) {
    // cinderclient always sends all_tenants, so that alone is no reason to refuse. @see Cinder's bug 1917574
    given.delete('all_tenants');
    // A name that is given twice is named twice, as by Cinder's MultiDict.
    const unknown = [...asked.query.keys()].filter((name) => given.has(name) && !listed.tenantFilters.includes(name));
    if (unknown.length > 0) {
      throw new Fault('bad-request', `Invalid filters ${unknown.join(',')} are found in query options.`);
    }
  }
  const quota = given.get('consumes_quota');
  if (quota !== undefined && listed.kind !== 'backup') {
    given.delete('consumes_quota');
    given.set('use_quota', quota);
  }
}

function dropUnknown(asked: Asked, listed: CinderList, given: Map<string, string>): void {
  for (const name of [...given.keys()]) {
    const since = listed.filterSince[name];
    const late = since !== undefined && !atLeast(asked.microversion, since);
    if (late || (!asked.caller.isAdmin && !listed.earlyFilters.includes(name))) given.delete(name);
  }
}

function takeAllTenants(asked: Asked, listed: CinderList, given: Map<string, string>): boolean {
  const word = given.get('all_tenants');
  given.delete('all_tenants');
  if (word === undefined) return false;
  const value = booleanWord(word);
  if (value === undefined && listed.kind === 'volume') booleanParameter('all_tenants', word);
  if (value === undefined && listed.kind === 'backup') {
    throw new Fault('bad-request', `all_tenants must be a boolean, got '${word}'.`);
  }
  return value === true && asked.caller.isAdmin;
}
