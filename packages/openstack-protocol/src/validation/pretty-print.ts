/** JSON values as Python's pprint writes them, which jsonschema shows with what it refuses. @see python/cpython:Lib/pprint.py */
import { isObject } from '../server/body.js';
import { pythonRepr } from '../compute/nova-schema.js';

/** Where a value stands: columns before it, and columns that what closes around it needs. */
interface Place {
  readonly width: number;
  readonly indent: number;
  readonly allowance: number;
  /** How many values it is inside of. */
  readonly depth: number;
}

export const prettyPrinted = (value: unknown, width: number): string =>
  format(value, { width, indent: 0, allowance: 0, depth: 0 });

function format(value: unknown, place: Place): string {
  const line = pythonRepr(sorted(value));
  const { width, indent, allowance, depth } = place;
  if (line.length <= width - indent - allowance) return line;
  if (typeof value === 'string') return formatText(value, place);
  const inner = { ...place, indent: indent + 1, depth: depth + 1 };
  const allowed = (at: number, count: number): number => (at === count - 1 ? allowance + 1 : 1);
  const separator = `,\n${' '.repeat(indent + 1)}`;
  if (Array.isArray(value)) {
    const items = value.map((item, at) => format(item, { ...inner, allowance: allowed(at, value.length) }));
    return `[${items.join(separator)}]`;
  }
  if (!isObject(value)) return line;
  const names = Object.keys(value).sort();
  const items = names.map((name, at) => {
    const key = pythonRepr(name);
    const inside = { ...inner, indent: inner.indent + key.length + 2, allowance: allowed(at, names.length) };
    return `${key}: ${format(value[name], inside)}`;
  });
  return `{${items.join(separator)}}`;
}

/** A long text is written as several, which break behind its spaces. */
function formatText(text: string, { width, indent, allowance, depth }: Place): string {
  const isWhole = depth === 0;
  const column = isWhole ? indent + 1 : indent;
  const room = width - column;
  const lastRoom = room - (isWhole ? allowance + 1 : allowance);
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const chunks = lines.flatMap((line, at) => {
    const isLast = at === lines.length - 1;
    return pythonRepr(line).length <= (isLast ? lastRoom : room)
      ? [line]
      : broken(line, room, isLast ? lastRoom : room);
  });
  if (chunks.length <= 1) return pythonRepr(text);
  const written = chunks.map(pythonRepr).join(`\n${' '.repeat(column)}`);
  return isWhole ? `(${written})` : written;
}

function broken(line: string, room: number, lastRoom: number): string[] {
  const words = line.match(/\S+\s*|\s+/g) ?? [];
  const chunks: string[] = [];
  let current = '';
  for (const [at, word] of words.entries()) {
    const most = at === words.length - 1 ? lastRoom : room;
    if (current !== '' && pythonRepr(current + word).length > most) {
      chunks.push(current);
      current = word;
    } else current += word;
  }
  return [...chunks, current];
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sorted(value[name])]),
  );
}
