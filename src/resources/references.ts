/** References: where a request's body names other resources. Declared as rows, walked by one function. */
import { valuesAt, type Path } from '@cascade/openstack-protocol/body-paths.js';

export interface Reference {
  /** Path in the body: `server.networks[].uuid`. */
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

/** `refs('network', 'subnet.network_id', 'port.network_id')` */
export const refs = (kind: Reference['kind'], ...paths: string[]): Reference[] => paths.map((at) => ({ at, kind }));

/** Everything that a body names, reference by reference. */
export function namedIn(body: unknown, references: readonly Reference[]): Named[] {
  return references.flatMap(({ at, kind }) =>
    valuesAt(body, at).flatMap(({ value, holder, path }) => {
      const named = typeof kind === 'string' ? kind : kind(holder);
      // Integers are ids too (a flavor `1` sent as a number); anything else is the site's to refuse.
      if (named === undefined || (typeof value !== 'string' && typeof value !== 'number') || value === '') return [];
      return [{ kind: named, id: String(value), path, where: whereOf(path) }];
    }),
  );
}

/** Puts another id where one was found, in the same body or in a copy of it. Mutates it. */
export function replaceAt(body: unknown, path: Path, id: string): void {
  let holder = body as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, unknown>;
  holder[path.at(-1)!] = id;
}

const whereOf = (path: Path): string =>
  path.map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`)).join('');
