/** Finds the row of a route table for a method and a path. */
import findMyWay from 'find-my-way';
import { Fault } from './faults.js';
import { atLeast, type Microversion } from './microversion.js';
import { formatMicroversion } from './microversion.js';
import type { Route } from './route.js';

/** What a path is found by; tables that are not behind the front door have rows of their own. */
export type Findable = Pick<Route, 'method' | 'path' | 'since' | 'until'>;

export interface Match<R extends Findable> {
  readonly route: R;
  readonly params: Record<string, string>;
}

export class Router<R extends Findable = Route> {
  // One entry a path, whatever the method: so a 405 can name the methods that path does have.
  private readonly paths;

  /** @param ignoreTrailingSlash as Neutron does, alone among the services */
  constructor(routes: readonly R[], ignoreTrailingSlash = false) {
    this.paths = findMyWay({ ignoreTrailingSlash, maxParamLength: 1024 });
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

  /** @throws Fault 404 for an unknown path, 405 with Allow for a known path without that method. */
  find(method: string, path: string, microversion: Microversion | undefined): Match<R> {
    const found = this.paths.find('GET', path);
    if (!found) throw new Fault('not-found', 'The resource could not be found.');
    const methods = found.store as Map<string, R>;
    const route = methods.get(method) ?? (method === 'HEAD' ? methods.get('GET') : undefined);
    if (!route) {
      const allow = [...methods.keys()].sort().join(', ');
      throw new Fault('method-not-allowed', `The method ${method} is not allowed for this resource.`, {
        headers: { allow },
      });
    }
    if (microversion) this.checkRange(route, microversion);
    const params: Record<string, string> = {};
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map((name) => name[1] ?? '');
    Object.values(found.params).forEach((value, at) => (params[names[at] ?? ''] = value ?? ''));
    return { route, params };
  }

  private checkRange(route: R, asked: Microversion): void {
    const late = route.until !== undefined && atLeast(asked, route.until) && formatMicroversion(asked) !== route.until;
    if (late || (route.since !== undefined && !atLeast(asked, route.since))) {
      throw new Fault('not-found', 'The resource could not be found.');
    }
  }
}
