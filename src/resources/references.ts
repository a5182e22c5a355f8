/** References: where a request's body names other resources. Declared as rows, walked by one function. */
import { isObject } from '../openstack/server/body.js';

export interface Reference {
  /**
   * Path in the body: `server.networks[].uuid`; `*` is every value of an object whose keys are the caller's. A body that has
   * another shape there simply has no reference.
   */
  readonly at: string;
  /** The kind it names, or a function of the object that holds it; undefined where that object names none. */
  readonly kind: string | ((holder: Record<string, unknown>) => string | undefined);
}

/** One reference found in a body. */
export interface Named {
  readonly kind: string;
  readonly id: string;
  /** Keys and indexes that lead to it. */
  readonly path: Path;
  /** The same for messages: `server.networks[1].uuid`. */
  readonly where: string;
}

export type Path = readonly (string | number)[];

/** `refs('network', 'subnet.network_id', 'port.network_id')` */
export const refs = (kind: Reference['kind'], ...paths: string[]): Reference[] => paths.map((at) => ({ at, kind }));

/** Everything that a body names, reference by reference. */
export function namedIn(body: unknown, references: readonly Reference[]): Named[] {
  const found: Named[] = [];
  for (const reference of references) walk(body, reference.at.split('.'), [], reference.kind, found);
  return found;
}

/** Puts another id where one was found, in the same body or in a copy of it. Mutates it. */
export function replaceAt(body: unknown, path: Path, id: string): void {
  let holder = body as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, unknown>;
  holder[path.at(-1)!] = id;
}

function walk(value: unknown, steps: string[], path: Path, kind: Reference['kind'], found: Named[]): void {
  const [step, ...rest] = steps;
  if (step === undefined || !isObject(value)) return;
  if (step.startsWith('*')) {
    for (const key of Object.keys(value)) walk(value, [key + step.slice(1), ...rest], path, kind, found);
    return;
  }
  const isList = step.endsWith('[]');
  const key = isList ? step.slice(0, -2) : step;
  const here = [...path, key];
  const inner = value[key];
  if (isList) {
    if (!Array.isArray(inner)) return;
    inner.forEach((item, at) => {
      if (rest.length > 0) walk(item, rest, [...here, at], kind, found);
      else add(item, value, [...here, at], kind, found);
    });
  } else if (rest.length > 0) walk(inner, rest, here, kind, found);
  else add(inner, value, here, kind, found);
}

function add(id: unknown, holder: Record<string, unknown>, path: Path, kind: Reference['kind'], found: Named[]): void {
  const named = typeof kind === 'string' ? kind : kind(holder);
  // Integers are ids too (a flavor `1` sent as a number); anything else is the site's to refuse.
  if (named === undefined || (typeof id !== 'string' && typeof id !== 'number') || id === '') return;
  found.push({ kind: named, id: String(id), path, where: whereOf(path) });
}

const whereOf = (path: Path): string =>
  path.map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`)).join('');
