/** A path that Cinder does not have, and a method that a path does not have, are the same to it: 404. */
import { Fault } from './faults.js';
import { route, type Answer, type Route } from './route.js';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

const missing: Answer = () => Promise.reject(new Fault('not-found', 'The resource could not be found.'));

/** Routes that refuse a trailing slash (`GET /volumes/`), and answer 404 where others answer 405. */
export function asCinderRoutes(routes: readonly Route[]): Route[] {
  const known = new Map<string, Set<string>>();
  for (const { method, path } of routes) {
    const shape = path.replace(/\{\w+\}/g, '{}');
    known.set(shape, (known.get(shape) ?? new Set()).add(method));
  }
  const strict = routes.map((one): Route => ({
    ...one,
    run: (asked) => (asked.path.endsWith('/') ? missing(asked) : one.run(asked)),
  }));
  const rest = [...known].flatMap(([path, has]) => {
    let at = 0;
    const named = path.replace(/\{\}/g, () => `{p${(at += 1)}}`);
    return methods.filter((method) => !has.has(method)).map((method) => route(`${method} ${named}`, 'reader', missing));
  });
  return [...strict, ...rest];
}
