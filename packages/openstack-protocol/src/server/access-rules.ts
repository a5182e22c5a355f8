/** What an application credential may be used for, where it says so. @see openstack/keystonemiddleware:keystonemiddleware/auth_token/__init__.py */
import type { Service } from '../service.js';

export interface AccessRule {
  /** A service type: `compute`. */
  readonly service: string;
  readonly method: string;
  /** Below the service's root; `*` and `{name}` are one step, `**` any number of them: `/v2.1/servers/*`. */
  readonly path: string;
}

/**
 * @param rules undefined where everything is allowed that the roles allow
 * @param rawPath below the service's root, without its query, as it came
 */
export function mayReach(
  rules: readonly AccessRule[] | undefined,
  { types }: Pick<Service, 'types'>,
  method: string,
  rawPath: string,
): boolean {
  if (rules === undefined) return true;
  const path = pathOf(rawPath);
  return rules.some((rule) => types.includes(rule.service) && rule.method === method && matches(rule.path, path));
}

// What Python's quote() leaves as it is, and webob's PATH_SAFE.
const unquoted = new Set([..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~/!$&'()*+,;=:@"]);

/**
 * A path as the middleware sees it: decoded by the WSGI server and quoted again by webob, so that `%73` is `s` and `%2F` is a
 * slash. @see Pylons/webob:src/webob/request.py path
 */
function pathOf(raw: string): string {
  const bytes = raw.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return [...Buffer.from(bytes, 'latin1')]
    .map((byte) => String.fromCharCode(byte))
    .map((sign) => (unquoted.has(sign) ? sign : `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`))
    .join('');
}

/** `step` is anything but a slash, at least once; `rest` is anything at all. */
type Token = { readonly sign: string } | 'step' | 'rest';

// A brace without its other half is skipped, as the middleware skips it.
const tokensOf = (pattern: string): Token[] =>
  [...pattern.matchAll(/\{[^}]*\}|\*\*|\*|[^{}*]/gs)].map(([text]): Token =>
    text === '**' ? 'rest' : text === '*' || text.length > 1 ? 'step' : { sign: text },
  );

/**
 * All that the tokens read so far may stand at is followed at once: the time is bounded by both lengths, whatever the
 * pattern. The middleware makes a regular expression of it instead, with which one credential could stop a whole process, and
 * which takes a dot for any letter.
 */
function matches(pattern: string, path: string): boolean {
  const tokens = tokensOf(pattern);
  let at = new Set<number>();
  const reach = (next: Set<number>, position: number): void => {
    next.add(position);
    for (let skipped = position; tokens[skipped] === 'rest'; skipped += 1) next.add(skipped + 1);
  };
  reach(at, 0);
  for (const sign of path) {
    const next = new Set<number>();
    for (const position of at) {
      const token = tokens[position];
      if (token === undefined) continue;
      if (token === 'rest') reach(next, position);
      else if (token === 'step') {
        if (sign === '/') continue;
        next.add(position);
        reach(next, position + 1);
      } else if (token.sign === sign) reach(next, position + 1);
    }
    at = next;
  }
  return at.has(tokens.length);
}
