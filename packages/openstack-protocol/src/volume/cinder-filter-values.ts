/** What one filter of a list means. @see openstack/cinder:cinder/db/sqlalchemy/api.py _process_volume_filters */
import { Fault } from '../faults.js';
import { booleanWord } from '../filters/boolean-word.js';
import { comparisons, parseIsoTime, type Comparison } from '../filters/filter-operators.js';
import { numberInText } from '../filters/text-collation.js';
import { atLeast } from '../microversion.js';
import type { Asked } from '../server/route.js';
import { pythonLiteral, type Literal } from '../validation/python-literal.js';
import type { CinderList } from './cinder-lists.js';

/** Texts are compared as the database collates them. */
export type CinderFilter =
  | { readonly is: 'anything' }
  | { readonly is: 'nothing' }
  /** A part of the text, in any case. */
  | { readonly is: 'like'; readonly column: string; readonly part: string }
  | { readonly is: 'text'; readonly column: string; readonly values: readonly string[] }
  | { readonly is: 'number'; readonly column: string; readonly values: readonly number[] }
  | { readonly is: 'flag'; readonly column: string; readonly wanted: boolean }
  | { readonly is: 'null'; readonly column: string }
  /** One of the comparisons is enough. */
  | { readonly is: 'time'; readonly column: string; readonly any: readonly TimeComparison[] }
  /** Pairs that a dictionary has, among others. */
  | { readonly is: 'dictionary'; readonly column: string; readonly pairs: readonly (readonly [string, string])[] }
  /** A volume's, or that of a snapshot's volume: the host, its backend or its pool. */
  | { readonly is: 'host'; readonly value: string }
  /** Of a snapshot's volume. */
  | { readonly is: 'zone'; readonly value: string };

export interface TimeComparison {
  readonly comparison: Comparison;
  readonly time: Date;
}

const nothing: CinderFilter = { is: 'nothing' };
const anything: CinderFilter = { is: 'anything' };
const dictionaries = new Set(['metadata', 'glance_metadata']);
const numbers = new Set(['size', 'volume_size', 'object_count']);

/**
 * @param name of a column; `display_name~` for a part of its value
 * @throws Fault 400 for a value that does not parse
 */
export function readFilter(asked: Asked, listed: CinderList, name: string, value: string): CinderFilter {
  const { kind, columns } = listed;
  if (name.endsWith('~')) return like(listed, name.replace(/~+$/, ''), value);
  if (dictionaries.has(name)) return kind === 'backup' ? nothing : dictionary(name, value);
  if (name === 'host' && kind !== 'backup') return { is: 'host', value };
  if (name === 'availability_zone' && kind === 'snapshot') return value === '' ? anything : { is: 'zone', value };
  // A column that Cinder does not have matches nothing.
  if (!columns.has(name)) return nothing;
  if (listed.booleans.has(name)) return flag(asked, listed, name, value);
  if (name === 'created_at' || name === 'updated_at') return kind === 'volume' ? time(name, value) : nothing;
  if (name === 'volume_type_id') return equals(name, value);
  // Volumes' values are Python literals, so that a list means one of several. Names stand for themselves.
  if (kind !== 'volume' || name === 'display_name') return equals(name, value);
  const literal = pythonLiteral(value);
  return equals(name, literal === undefined ? value : literal);
}

const like = ({ columns }: CinderList, column: string, part: string): CinderFilter =>
  columns.has(column) ? { is: 'like', column, part } : nothing;

function equals(column: string, value: Literal): CinderFilter {
  if (value === null) return { is: 'null', column };
  if (typeof value === 'object' && !Array.isArray(value)) return nothing;
  const values = [value].flat().map(String);
  return numbers.has(column)
    ? { is: 'number', column, values: values.map(numberInText) }
    : { is: 'text', column, values };
}

function dictionary(column: string, value: string): CinderFilter {
  const literal = pythonLiteral(value);
  if (typeof literal !== 'object' || literal === null || Array.isArray(literal)) return nothing;
  return { is: 'dictionary', column, pairs: Object.entries(literal).map(([key, one]) => [key, String(one)]) };
}

/** @throws Fault 400 from 3.2 on for a word that is no boolean; before, any word but 'false' is true */
function flag(asked: Asked, { kind }: CinderList, name: string, value: string): CinderFilter {
  const strict = kind !== 'volume' || atLeast(asked.microversion, '3.2');
  const wanted = strict ? booleanWord(value) : !/^(False|false|FALSE|)$/.test(value);
  if (wanted === undefined) {
    const isColumn = kind === 'volume' && name !== 'use_quota';
    const words = isColumn ? `Invalid input received: '${name} = ${value}'` : notBoolean(name, value);
    throw new Fault('bad-request', words);
  }
  // What is deleted is in no list.
  if (name === 'deleted') return wanted ? nothing : anything;
  return { is: 'flag', column: name, wanted };
}

const notBoolean = (name: string, value: string) => `Value '${value}' for '${name}' is not a boolean.`;

/** `gte:2024-01-01T00:00:00Z,lt:…`: either of them is enough, as in Cinder. @throws Fault 400 */
function time(column: string, value: string): CinderFilter {
  const any = value.split(',').map((part): TimeComparison => {
    const at = part.indexOf(':');
    const word = at < 0 ? part : part.slice(0, at);
    const comparison = Object.hasOwn(comparisons, word) ? comparisons[word] : undefined;
    if (!comparison) throw new Fault('bad-request', `Invalid ${word} operator`);
    return { comparison, time: timeOf(at < 0 ? part : part.slice(at + 1)) };
  });
  return { is: 'time', column, any };
}

function timeOf(text: string): Date {
  const moment = parseIsoTime(text);
  if (!moment) throw new Fault('bad-request', `Invalid ${text} value`);
  return moment;
}
