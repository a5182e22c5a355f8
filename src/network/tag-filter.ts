import { hasAll, hasAny, not } from '../resources/text-conditions.js';
import type { Condition } from '../resources/list-query.js';

const conditions: Readonly<Record<string, (tags: string[]) => Condition>> = {
  tags: (tags) => hasAll('tags', tags),
  'tags-any': (tags) => hasAny('tags', tags),
  'not-tags': (tags) => not(hasAll('tags', tags)),
  'not-tags-any': (tags) => not(hasAny('tags', tags)),
};

/** Tags may be given one by one or separated by commas. Undefined for a name that is none of the four. */
export function tagCondition(name: string, values: readonly string[]): Condition | undefined {
  if (!Object.hasOwn(conditions, name)) return undefined;
  return conditions[name]?.(values.flatMap((value) => value.split(',')));
}
