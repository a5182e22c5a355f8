/** Filters by tags, of what has them as a fact. */
import { tagFilterNamed, tagsIn } from '@cascade/openstack-protocol/filters/tag-filters.js';
import type { Condition } from './list-query.js';
import { hasAll, hasAny, not } from './text-conditions.js';

/** Undefined for a name that is none of them. */
export function tagCondition(name: string, values: readonly string[]): Condition | undefined {
  const filter = tagFilterNamed(name);
  if (!filter) return undefined;
  const has = filter.match === 'all' ? hasAll : hasAny;
  const condition = has('tags', tagsIn(values));
  return filter.isNegated ? not(condition) : condition;
}
