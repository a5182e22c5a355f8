/**
 * The four filters by tags, which Nova and Neutron have alike: things with all of the tags, with any of them, and the others.
 * @see openstack/nova:nova/db/main/api.py instance_get_all_by_filters_sort,
 * openstack/neutron:neutron/objects/tag.py
 */
import { collated } from './text-collation.js';

export interface TagFilter {
  readonly match: 'all' | 'any';
  readonly isNegated: boolean;
}

export const tagFilters = {
  tags: { match: 'all', isNegated: false },
  'tags-any': { match: 'any', isNegated: false },
  'not-tags': { match: 'all', isNegated: true },
  'not-tags-any': { match: 'any', isNegated: true },
} as const satisfies Readonly<Record<string, TagFilter>>;

/** Undefined for a name that is none of the four. */
export const tagFilterNamed = (name: string): TagFilter | undefined =>
  Object.hasOwn(tagFilters, name) ? tagFilters[name as keyof typeof tagFilters] : undefined;

/** Tags are given one by one, or separated by commas. */
export const tagsIn = (values: readonly string[]): string[] => values.flatMap((value) => value.split(','));

/** Whether something that has some tags is asked for. */
export function meetsTagFilter({ match, isNegated }: TagFilter, values: readonly string[], has: readonly string[]) {
  const own = new Set(has.map(collated));
  const wanted = tagsIn(values).map(collated);
  const isMatch = match === 'all' ? wanted.every((tag) => own.has(tag)) : wanted.some((tag) => own.has(tag));
  return isMatch !== isNegated;
}
