/**
 * Paths into JSON bodies: `server.networks[].uuid`; `[]` is every item of a list, and `*` every value of an object whose keys
 * are the caller's. A body that has another shape there simply has nothing there.
 */
import { isObject } from './server/body.js';

/** Keys and indexes that lead to a value. */
export type Path = readonly (string | number)[];

/** One value in a body. */
export interface Found {
  readonly value: unknown;
  /** The object, or the list's, that has it. */
  readonly holder: Record<string, unknown>;
  readonly path: Path;
}

/** Everything that stands at a path. What is not there is not found; `null` is. */
export function valuesAt(body: unknown, at: string): Found[] {
  const found: Found[] = [];
  walk(body, at.split('.'), [], found);
  return found;
}

function walk(value: unknown, steps: readonly string[], path: Path, found: Found[]): void {
  const [step, ...rest] = steps;
  if (step === undefined || !isObject(value)) return;
  if (step.startsWith('*')) {
    for (const key of Object.keys(value)) walk(value, [key + step.slice(1), ...rest], path, found);
    return;
  }
  const isList = step.endsWith('[]');
  const key = isList ? step.slice(0, -2) : step;
  if (!Object.hasOwn(value, key)) return;
  const inner = value[key];
  const here = [...path, key];
  const items: Found[] = isList
    ? (Array.isArray(inner) ? inner : []).map((item, index) => ({ value: item, holder: value, path: [...here, index] }))
    : [{ value: inner, holder: value, path: here }];
  for (const item of items) {
    if (rest.length > 0) walk(item.value, rest, item.path, found);
    else found.push(item);
  }
}
