/** Finds the row of a route table for a method and a path. */
import findMyWay from 'find-my-way';
import { Fault } from '../faults.js';
import { atLeast, type Microversion } from '../microversion.js';
import { formatMicroversion } from '../microversion.js';
import type { Route } from './route.js';
import type { Unrouted } from './unrouted.js';

/** What a path is found by; tables that are not behind the front door have rows of their own. */
export type Findable = Pick<Route, 'method' | 'path' | 'since' | 'until' | 'head'>;

export interface Match<R extends Findable> {
  readonly route: R;
  readonly params: Record<string, string>;
}

export class Router<R extends Findable = Route> {
  // One entry a path, whatever the method: so a 405 can name the methods that path does have.
  private readonly paths;

  constructor(
    routes: readonly R[],
    private readonly habits: Unrouted,
  ) {
    this.paths = findMyWay({ ignoreTrailingSlash: this.habits.ignoresTrailingSlash ?? false, maxParamLength: 1024 });
    const byPath = new Map<string, Map<string, R>>();
    for (const route of routes) {
      const pattern = route.path.replace(/\{(\w+)\}/g, ':$1');
      // Two tables may name the same parameter differently; a path is the same path all the same.
      const shape = pattern.replace(/:\w+/g, ':');
      const known = byPath.get(shape);
      if (!known) {
        const methods = new Map([[route.method, route]]);
        byPath.set(shape, methods);
        this.paths.on('GET', pattern, () => undefined, methods);
      } else if (known.has(route.method)) {
        throw new Error(`two routes for ${route.method} ${route.path}`);
      } else known.set(route.method, route);
    }
  }

  /** @throws Fault 404 for an unknown path; for a known path without that method 404 or 405, as the service does */
  find(method: string, path: string): Match<R> {
    const found = this.paths.find('GET', path);
    // A last `{id}` would match nothing, too.
    if (!found || (path.length > 1 && path.endsWith('/') && !this.habits.ignoresTrailingSlash)) {
      throw this.habits.noPath();
    }
    const methods = found.store as Map<string, R>;
    const route = methods.get(method) ?? (method === 'HEAD' ? this.headOf(methods.get('GET')) : undefined);
    if (!route) throw this.habits.noMethod(method, [...methods.keys()], path);
    const params: Record<string, string> = {};
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((name) => name[1] ?? '');
    Object.values(found.params).forEach((value, at) => (params[names[at] ?? ''] = value ?? ''));
    return { route, params };
  }

  private headOf(get: R | undefined): R | undefined {
    return get?.head || this.habits.headIsGet ? get : undefined;
  }
}

/** @throws Fault 404 where the route is not yet, or no longer, in the microversion that is asked for */
export function requireInRange({ since, until }: Findable, asked: Microversion | undefined): void {
  if (!asked) return;
  const late = until !== undefined && atLeast(asked, until) && formatMicroversion(asked) !== until;
  if (late || (since !== undefined && !atLeast(asked, since))) {
    throw new Fault('not-found', 'The resource could not be found.');
  }
}
