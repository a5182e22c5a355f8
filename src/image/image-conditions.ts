/** Filters of `GET /images` as SQL over the inventory. */
import { imageColumns, imageFilters, type ImageFilter } from '@cascade/openstack-protocol/image/glance-filters.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { collated } from '@cascade/openstack-protocol/filters/text-collation.js';
import { hasAll, idIsIn, textIs, textIsIn } from '../resources/text-conditions.js';
import { listedFor } from './visibility.js';
import { condition, type Condition } from '../resources/list-query.js';

/** @throws Fault 400 with Glance's words for a value that does not parse */
export function imageConditions({ query, caller }: Asked): Condition[] {
  const { filters, memberStatus, visibility } = imageFilters(query);
  const seen = listedFor(caller, memberStatus, visibility);
  return [...seen, condition(`r.facts->>'status' <> 'killed'`), ...filters.map(conditionOf)];
}

function conditionOf(filter: ImageFilter): Condition {
  switch (filter.is) {
    case 'flag':
      return condition(`coalesce(r.facts->>'${filter.column}', 'false') = ?`, String(filter.wanted));
    case 'tag':
      return hasAll('tags', [filter.tag]);
    case 'time':
      return condition(`r.${filter.column} ${filter.comparison.sign} ?`, filter.time);
    case 'text':
      return textCondition(filter.column, filter.values);
    case 'number':
      return condition(`(r.facts->>'${filter.column}')::numeric = ?`, filter.value);
    case 'bound':
      return condition(`(r.facts->>'${filter.column}')::numeric ${filter.comparison.sign} ?::numeric`, filter.bound);
    case 'property':
      return propertyCondition(filter.name, filter.value);
  }
}

function textCondition(column: string, values: readonly string[]): Condition {
  if (column === 'id') return idIsIn('r.id', values);
  const [value, ...more] = values;
  return value !== undefined && more.length === 0
    ? textIs(`r.facts->>'${column}'`, value)
    : textIsIn(`r.facts->>'${column}'`, values);
}

function propertyCondition(name: string, value: string): Condition {
  const property = `select 1 from jsonb_each_text(r.facts) p where collated(p.key) = ? and collated(p.value) = ? and p.key <> all(?)`;
  return condition(`exists (${property})`, collated(name), collated(value), imageColumns);
}
