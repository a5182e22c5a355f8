/** Which filters of a query count: what Cinder refuses, drops and renames. @see openstack/cinder:cinder/api/common.py */
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { booleanParameter } from '../booleans.js';
import type { Listed } from './listed.js';

const paging = ['limit', 'marker', 'offset', 'sort', 'sort_key', 'sort_dir'];

const renamed: Record<string, string> = {
  name: 'display_name',
  'name~': 'display_name~',
  'description~': 'display_description~',
};

export interface Filters {
  /** By column; `display_name~` is a part of the value. */
  readonly by: ReadonlyMap<string, string>;
  readonly allTenants: boolean;
  readonly withCount: boolean;
}

/** @throws Fault 400 for what the caller may not filter by, and for a boolean that is none */
export function filtersAsked(asked: Asked, listed: Listed): Filters {
  const given = new Map([...asked.query].filter(([name]) => !paging.includes(name)));
  const counts = atLeast(asked.microversion, '3.45') && given.has('with_count');
  const withCount = counts && booleanParameter('with_count', given.get('with_count'));
  if (counts) given.delete('with_count');
  if (atLeast(asked.microversion, '3.31')) refuseUnknown(asked, listed, given);
  else dropUnknown(asked, listed, given);
  const allTenants = takeAllTenants(asked, listed, given);
  return { by: new Map([...given].map(([name, value]) => [renamed[name] ?? name, value])), allTenants, withCount };
}

function refuseUnknown(asked: Asked, listed: Listed, given: Map<string, string>): void {
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

function dropUnknown(asked: Asked, listed: Listed, given: Map<string, string>): void {
  for (const name of [...given.keys()]) {
    const since = listed.filterSince[name];
    const late = since !== undefined && !atLeast(asked.microversion, since);
    if (late || (!asked.caller.isAdmin && !listed.earlyFilters.includes(name))) given.delete(name);
  }
}

function takeAllTenants(asked: Asked, listed: Listed, given: Map<string, string>): boolean {
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
