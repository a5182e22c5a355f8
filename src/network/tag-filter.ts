/** `tags=red,blue` and its three sisters. @see openstack/neutron:neutron/objects/tag.py _apply_tag_filters */
import { jsonb } from '../database/storable.js';
import { condition, type Condition } from '../resources/query.js';

const all = `coalesce(r.facts->'tags' @> ?::jsonb, false)`;
const any = `coalesce(r.facts->'tags' @> any(?::jsonb[]), false)`;

const sql: Readonly<Record<string, string>> = {
  tags: all,
  'tags-any': any,
  'not-tags': `not ${all}`,
  'not-tags-any': `not ${any}`,
};

export const isTagFilter = (name: string): boolean => Object.hasOwn(sql, name);

/** Tags may be given one by one or separated by commas. */
export function tagCondition(name: string, values: readonly string[]): Condition {
  const tags = values.flatMap((value) => value.split(','));
  const one = name === 'tags' || name === 'not-tags';
  return condition(sql[name] ?? '', one ? jsonb(tags) : tags.map((tag) => jsonb([tag])));
}
