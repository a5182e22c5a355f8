/** Filters of a list as SQL over the inventory. */
import type { CinderFilter } from '@cascade/openstack-protocol/volume/cinder-filter-values.js';
import type { CinderList } from '@cascade/openstack-protocol/volume/cinder-lists.js';
import { collated } from '@cascade/openstack-protocol/filters/text-collation.js';
import { textIs, textIsIn } from '../../resources/text-conditions.js';
import { hostIs } from '../hosts/host-condition.js';
import { condition, type Condition } from '../../resources/list-query.js';

/** What a filter needs to know about the cascade. */
export interface Known {
  readonly siteNames: ReadonlySet<string>;
}

const columnsOfRow = new Set(['id', 'project_id']);

const expression = (column: string): string =>
  columnsOfRow.has(column) ? `r.${column}` : `r.facts->>'${column.replace(/'/g, "''")}'`;

type Of<Is extends CinderFilter['is']> = Extract<CinderFilter, { is: Is }>;

export function conditionOf(filter: CinderFilter, kind: CinderList['kind'], known: Known): Condition {
  switch (filter.is) {
    case 'anything':
      return condition('true');
    case 'nothing':
      return condition('false');
    case 'like':
      return condition(`${expression(filter.column)} ilike ?`, `%${filter.part}%`);
    case 'text':
      return text(filter);
    case 'number':
      return condition(`(${expression(filter.column)})::numeric = any(?::numeric[])`, filter.values);
    case 'flag':
      return condition(`coalesce(${expression(filter.column)}, '') = ?`, String(filter.wanted));
    case 'null':
      return condition(`${expression(filter.column)} is null`);
    case 'time':
      return time(filter);
    case 'dictionary':
      return dictionary(filter);
    case 'host':
      return host(filter, kind, known);
    case 'zone':
      return condition('r.site_id = (select id from site where name = ?)', filter.value);
  }
}

function text({ column, values }: Of<'text'>): Condition {
  const [value, ...more] = values;
  return value !== undefined && more.length === 0
    ? textIs(expression(column), value)
    : textIsIn(expression(column), values);
}

// Keys are compared as values are.
function dictionary({ column, pairs }: Of<'dictionary'>): Condition {
  const pair = `exists (select 1 from jsonb_each_text(r.facts->'${column}') p where collated(p.key) = ? and collated(p.value) = ?)`;
  const values = pairs.map(([key, value]) => [collated(key), collated(value)]);
  return condition(['true', ...pairs.map(() => pair)].join(' and '), ...values.flat());
}

function host({ value }: Of<'host'>, kind: CinderList['kind'], { siteNames }: Known): Condition {
  if (kind === 'volume') return hostIs(`r.facts->>'host'`, value, siteNames);
  const { sql, values } = hostIs(`v.facts->>'host'`, value, siteNames);
  const there = `v.kind = 'volume' and v.id = r.facts->>'volume_id' and v.site_id = r.site_id`;
  return { sql: `exists (select 1 from resource v where ${there} and (${sql}))`, values };
}

function time({ column, any }: Of<'time'>): Condition {
  const moment = column === 'created_at' ? 'r.created_at' : `(r.facts->>'changed_at')::timestamp at time zone 'UTC'`;
  return condition(
    any.map(({ comparison }) => `${moment} ${comparison.sign} ?`).join(' or '),
    ...any.map((one) => one.time),
  );
}
