import { hostMark } from './hosts.js';
import { condition, type Condition } from '../../resources/list-query.js';

/**
 * A host means its backends and pools too, a backend its pools; a site means all that is in it.
 * @param expression SQL of the stored host, which begins with its site
 * @see openstack/cinder:cinder/db/sqlalchemy/api.py _filter_host
 */
export function hostIs(expression: string, value: string, siteNames: ReadonlySet<string>): Condition {
  const first = value.split(hostMark, 1)[0] ?? '';
  const atSite = siteNames.has(first);
  const own = atSite ? value.slice(first.length + 1) : value;
  if (atSite && own === '') return condition(`starts_with(${expression}, ?)`, first + hostMark);
  // Without a site the host of any site is meant.
  const host = atSite ? expression : `substr(${expression}, strpos(${expression}, '${hostMark}') + 1)`;
  const longer = own.includes('#') ? [] : own.includes('@') ? ['#'] : ['#', '@'];
  const parts = longer.map(() => `starts_with(${host}, ?)`);
  return condition([`${host} = ?`, ...parts].join(' or '), value, ...longer.map((mark) => value + mark));
}
