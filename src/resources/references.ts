/** References: where a request's body names other resources. Declared as rows, walked by one function. */
import { isObject } from '../openstack/body.js';

export interface Reference {
  /**
   * Path in the body: `server.networks[].uuid`; `*` is every value of an object whose keys are the caller's. A body that has
   * another shape there simply has no reference.
   */
  readonly at: string;
  /** The kind it names, or a function of the object that holds it; undefined where that object names none. */
  readonly kind: string | ((holder: Record<string, unknown>) => string | undefined);
}

/** One reference found in a body, and the way to put another id in its place. */
export interface Named {
  readonly kind: string;
  readonly id: string;
  /** The path with its indexes, for messages: `server.networks[1].uuid`. */
  readonly where: string;
  replace(id: string): void;
}

/** `refs('network', 'subnet.network_id', 'port.network_id')` */
export const refs = (kind: Reference['kind'], ...paths: string[]): Reference[] => paths.map((at) => ({ at, kind }));

export function namedIn(body: unknown, references: readonly Reference[]): Named[] {
  const found: Named[] = [];
  for (const reference of references) walk(body, reference.at.split('.'), '', reference.kind, found);
  return found;
}

function walk(value: unknown, steps: string[], where: string, kind: Reference['kind'], found: Named[]): void {
  const [step, ...rest] = steps;
  if (step === undefined || !isObject(value)) return;
  if (step.startsWith('*')) {
    for (const key of Object.keys(value)) walk(value, [key + step.slice(1), ...rest], where, kind, found);
    return;
  }
  const isList = step.endsWith('[]');
  const key = isList ? step.slice(0, -2) : step;
  const here = where ? `${where}.${key}` : key;
  const inner = value[key];
  if (isList) {
    if (!Array.isArray(inner)) return;
    inner.forEach((item, at) => {
      if (rest.length > 0) walk(item, rest, `${here}[${at}]`, kind, found);
      else add(inner as unknown[], at, item, value, `${here}[${at}]`, kind, found);
    });
  } else if (rest.length > 0) walk(inner, rest, here, kind, found);
  else add(value, key, inner, value, here, kind, found);
}

function add(
  holder: Record<string, unknown> | unknown[],
  key: string | number,
  id: unknown,
  context: Record<string, unknown>,
  where: string,
  kind: Reference['kind'],
  found: Named[],
): void {
  const named = typeof kind === 'string' ? kind : kind(context);
  // Integers are ids too (a flavor `1` sent as a number); anything else is the site's to refuse.
  if (named === undefined || (typeof id !== 'string' && typeof id !== 'number') || id === '') return;
  const replace = (other: string) => ((holder as Record<string | number, unknown>)[key] = other);
  found.push({ kind: named, id: String(id), where, replace });
}
