/** The shape of a JSON body: its keys and the kinds of its values, and nothing of what it says. */

export type Shape = string | readonly Shape[] | { readonly [key: string]: Shape };

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'uuid'],
  [/^[0-9a-f]{32}$/, 'hex32'],
  [/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/, 'time in seconds'],
  [/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/, 'time in microseconds, Z'],
  [/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}$/, 'time in microseconds'],
  [/^https?:/, 'url'],
  [/^req-/, 'request id'],
];

/** Keys under which operators and tenants name what they like. */
const named = new Set(['addresses', 'metadata', 'extra_specs', 'options', 'properties', 'cpu_info', 'hosts']);

export function shapeOf(value: unknown): Shape {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return kinds.find(([pattern]) => pattern.test(value))?.[1] ?? 'text';
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return value.length === 0 ? [] : [value.map(shapeOf).reduce(merge)];
  const entries = Object.entries(value).map(([key, inner]): [string, Shape] => [key, inShape(key, inner)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function inShape(key: string, inner: unknown): Shape {
  if (!named.has(key) || typeof inner !== 'object' || inner === null || Array.isArray(inner)) return shapeOf(inner);
  const values = Object.values(inner).map(shapeOf);
  return values.length === 0 ? {} : { '*': values.reduce(merge) };
}

/** The shape that both have: of rows of one list. */
function merge(a: Shape, b: Shape): Shape {
  if (typeof a === 'string') return a === 'null' ? b : typeof b === 'string' && b !== a && b !== 'null' ? 'text' : a;
  if (typeof b === 'string') return a;
  if (Array.isArray(a) && Array.isArray(b)) return [...a, ...b].length === 0 ? [] : [[...a, ...b].reduce(merge)];
  const merged: Record<string, Shape> = { ...(a as Record<string, Shape>) };
  for (const [key, inner] of Object.entries(b)) merged[key] = key in merged ? merge(merged[key]!, inner) : inner;
  return merged;
}

/**
 * Where two shapes differ, as sentences. What is null or empty in one and something in the other does not differ: both
 * were seen in real clouds, at other times.
 */
export function differences(real: Shape, other: Shape, path = ''): string[] {
  if (isVoid(real) || isVoid(other)) return [];
  if (typeof real === 'string' || typeof other === 'string') {
    return alike(real, other) ? [] : [`${path || 'body'}: ${words(real)} is ${words(other)}`];
  }
  if (Array.isArray(real) !== Array.isArray(other)) return [`${path}: ${words(real)} is ${words(other)}`];
  if (Array.isArray(real) && Array.isArray(other)) return differences(real[0]!, other[0]!, `${path}[]`);
  const [a, b] = [real, other] as [Record<string, Shape>, Record<string, Shape>];
  const at = (key: string): string => (path ? `${path}.${key}` : key);
  return [
    ...Object.keys(a)
      .filter((key) => !(key in b))
      .map((key) => `${at(key)} is missing`),
    ...Object.keys(b)
      .filter((key) => !(key in a))
      .map((key) => `${at(key)} is too much`),
    ...Object.keys(a)
      .filter((key) => key in b)
      .flatMap((key) => differences(a[key]!, b[key]!, at(key))),
  ];
}

const isVoid = (shape: Shape): boolean =>
  shape === 'null' || (typeof shape === 'object' && Object.keys(shape).length === 0);

/** Ids of clouds are of one kind or another by chance of who made them. */
const idLike = new Set<Shape>(['uuid', 'hex32', 'text']);
const alike = (a: Shape, b: Shape): boolean => a === b || (idLike.has(a) && idLike.has(b));

const words = (shape: Shape): string =>
  typeof shape === 'string' ? shape : Array.isArray(shape) ? 'a list' : 'an object';
