/** What an application credential may be used for, where it says so. @see openstack/keystonemiddleware:keystonemiddleware/auth_token/__init__.py */
import type { Service } from './service.js';

export interface AccessRule {
  /** A service type: `compute`. */
  readonly service: string;
  readonly method: string;
  /** Below the service's root; `*` and `{name}` are one step, `**` any number of them: `/v2.1/servers/*`. */
  readonly path: string;
}

/**
 * @param rules undefined where everything is allowed that the roles allow
 * @param path below the service's root, without its query
 */
export function mayReach(
  rules: readonly AccessRule[] | undefined,
  { types }: Pick<Service, 'types'>,
  method: string,
  path: string,
): boolean {
  if (rules === undefined) return true;
  return rules.some(
    (rule) => types.includes(rule.service) && rule.method === method && patternOf(rule.path).test(path),
  );
}

const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path.replace(/\{[^}]*\}|\*\*|\*|[.+?^$()|[\]\\{}]/g, (sign) =>
      sign === '**' ? '.*' : sign === '*' || sign.length > 1 ? '[^/]+' : `\\${sign}`,
    )}$`,
  );
