/** A collection's query as conditions in SQL. @see openstack/keystone:keystone/common/driver_hints.py */
import type { Page } from './items.js';

export type Filters = Readonly<Record<string, 'text' | 'boolean'>>;

/** `0` and `false` are false, everything else is true, an empty value too. */
export const flagOf = (text: string): boolean => !/^(0|false)$/i.test(text);

/** How `name__contains` and its like compare; an `i` in front takes no notice of case. */
const comparisons: Record<string, (text: string) => string> = {
  equals: (text) => text,
  contains: (text) => `%${text}%`,
  startswith: (text) => `${text}%`,
  endswith: (text) => `%${text}`,
};

/** Parameters that no filter names are passed over, as Keystone does. */
export function pageOf(query: URLSearchParams, filters: Filters): Page {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  for (const [key, value] of query) {
    const [field = '', comparison] = key.split('__', 2);
    const type = Object.hasOwn(filters, field) ? filters[field] : undefined;
    if (!type) continue;
    const path = `i.body->>'${field}'`;
    if (comparison === undefined) {
      const wanted = type === 'boolean' ? String(flagOf(value)) : value;
      conditions.push(`${path} = ${bind(wanted)}`);
      continue;
    }
    const caseless = comparison.startsWith('i');
    const pattern = comparisons[caseless ? comparison.slice(1) : comparison];
    if (!pattern || type === 'boolean') continue;
    conditions.push(`${path} ${caseless ? 'ilike' : 'like'} ${bind(pattern(value.replace(/[\\%_]/g, '\\$&')))}`);
  }
  const limit = Number(query.get('limit'));
  const marker = query.get('marker');
  return {
    conditions,
    values,
    ...(marker ? { marker } : {}),
    ...(Number.isInteger(limit) && limit > 0 ? { limit } : {}),
  };
}

/** The page with one condition more. @param condition in SQL, given the placeholder of `value` */
export const narrowed = (page: Page, condition: (placeholder: string) => string, value: unknown): Page => ({
  ...page,
  conditions: [...page.conditions, condition(`$${page.values.length + 1}`)],
  values: [...page.values, value],
});
