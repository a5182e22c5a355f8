/** Filters of a list as SQL over the inventory. @see openstack/cinder:cinder/db/sqlalchemy/api.py _process_volume_filters */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { comparisons, parseIsoTime } from '@cascade/openstack-protocol/filters/filter-operators.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { collated, numberInText } from '@cascade/openstack-protocol/filters/text-collation.js';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { pythonLiteral, type Literal } from '@cascade/openstack-protocol/validation/python-literal.js';
import { textIs, textIsIn } from '../../resources/text-conditions.js';
import { hostIs } from '../hosts/host-condition.js';
import type { Listed } from './listed.js';
import { condition, type Condition } from '../../resources/list-query.js';

/** What a filter needs to know about the cascade. */
export interface Known {
  readonly siteNames: ReadonlySet<string>;
}

const nothing = condition('false');
const dictionaries = new Set(['metadata', 'glance_metadata']);
const numbers = new Set(['size', 'volume_size', 'object_count']);
const columnsOfRow = new Set(['id', 'project_id']);

/** @throws Fault 400 for a value that does not parse */
export function conditionsOf(asked: Asked, listed: Listed, by: ReadonlyMap<string, string>, known: Known): Condition[] {
  return [...by].map(([name, value]) => conditionOf(asked, listed, name, value, known));
}

function conditionOf(asked: Asked, listed: Listed, name: string, value: string, known: Known): Condition {
  const column = name.replace(/~+$/, '');
  if (name.endsWith('~')) return like(listed, column, value);
  if (dictionaries.has(name)) return listed.kind === 'backup' ? nothing : dictionary(name, value);
  if (name === 'host' && listed.kind !== 'backup') return hostOf(listed, value, known);
  if (name === 'availability_zone' && listed.kind === 'snapshot') {
    return value === '' ? condition('true') : condition('r.site_id = (select id from site where name = ?)', value);
  }
  // A column that Cinder does not have matches nothing.
  if (!listed.columns.has(name)) return nothing;
  if (listed.booleans.has(name)) return boolean(asked, listed, name, value);
  if (name === 'created_at' || name === 'updated_at') {
    return listed.kind === 'volume' ? compareTime(name, value) : nothing;
  }
  if (name === 'volume_type_id') return equals(name, value);
  // Volumes' values are Python literals, so that a list means one of several. Names stand for themselves.
  if (listed.kind !== 'volume' || name === 'display_name') return equals(name, value);
  const literal = pythonLiteral(value);
  return equals(name, literal === undefined ? value : literal);
}

const expression = (column: string): string =>
  columnsOfRow.has(column) ? `r.${column}` : `r.facts->>'${column.replace(/'/g, "''")}'`;

function equals(column: string, value: Literal): Condition {
  if (value === null) return condition(`${expression(column)} is null`);
  if (numbers.has(column) && !(typeof value === 'object' && !Array.isArray(value))) {
    const wanted = [value].flat().map((one) => numberInText(String(one)));
    return condition(`(${expression(column)})::numeric = any(?::numeric[])`, wanted);
  }
  if (Array.isArray(value)) {
    return textIsIn(expression(column), value.map(String));
  }
  if (typeof value === 'object') return nothing;
  return textIs(expression(column), String(value));
}

function like(listed: Listed, column: string, value: string): Condition {
  if (!listed.columns.has(column)) return nothing;
  return condition(`${expression(column)} ilike ?`, `%${value}%`);
}

function dictionary(name: string, value: string): Condition {
  const literal = pythonLiteral(value);
  if (typeof literal !== 'object' || literal === null || Array.isArray(literal)) return nothing;
  // Keys are compared as values are.
  const pair = `exists (select 1 from jsonb_each_text(r.facts->'${name}') p where collated(p.key) = ? and collated(p.value) = ?)`;
  const pairs = Object.entries(literal).map(([key, one]) => [collated(key), collated(String(one))]);
  return condition(['true', ...pairs.map(() => pair)].join(' and '), ...pairs.flat());
}

function hostOf(listed: Listed, value: string, known: Known): Condition {
  if (listed.kind === 'volume') return hostIs(`r.facts->>'host'`, value, known.siteNames);
  const { sql, values } = hostIs(`v.facts->>'host'`, value, known.siteNames);
  const there = `v.kind = 'volume' and v.id = r.facts->>'volume_id' and v.site_id = r.site_id`;
  return { sql: `exists (select 1 from resource v where ${there} and (${sql}))`, values };
}

/** @throws Fault 400 from 3.2 on for a word that is no boolean; before, any word but 'false' is true */
function boolean(asked: Asked, listed: Listed, name: string, value: string): Condition {
  const strict = listed.kind !== 'volume' || atLeast(asked.microversion, '3.2');
  const wanted = strict ? booleanWord(value) : !/^(False|false|FALSE|)$/.test(value);
  if (wanted === undefined) {
    const isColumn = listed.kind === 'volume' && name !== 'use_quota';
    const words = isColumn ? `Invalid input received: '${name} = ${value}'` : notBoolean(name, value);
    throw new Fault('bad-request', words);
  }
  if (name === 'deleted') return wanted ? nothing : condition('true');
  return condition(`coalesce(${expression(name)}, '') = ?`, String(wanted));
}

const notBoolean = (name: string, value: string) => `Value '${value}' for '${name}' is not a boolean.`;

/** `gte:2024-01-01T00:00:00Z,lt:…`: either of them is enough, as in Cinder. @throws Fault 400 */
function compareTime(name: string, value: string): Condition {
  const parts = value.split(',').map((part) => {
    const at = part.indexOf(':');
    const word = at < 0 ? part : part.slice(0, at);
    const operator = Object.hasOwn(comparisons, word) ? comparisons[word] : undefined;
    if (!operator) throw new Fault('bad-request', `Invalid ${word} operator`);
    return { operator, time: timeOf(at < 0 ? part : part.slice(at + 1)) };
  });
  const column = name === 'created_at' ? 'r.created_at' : `(r.facts->>'changed_at')::timestamp at time zone 'UTC'`;
  return condition(
    parts.map(({ operator }) => `${column} ${operator} ?`).join(' or '),
    ...parts.map(({ time }) => time),
  );
}

function timeOf(text: string): Date {
  const time = parseIsoTime(text);
  if (!time) throw new Fault('bad-request', `Invalid ${text} value`);
  return time;
}
