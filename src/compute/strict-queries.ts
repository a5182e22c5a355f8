/** Since 2.102 nothing may be asked of a path that takes no parameters. What lists take is checked where they are answered. */
import { queryCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked, Route } from '@cascade/openstack-protocol/server/route.js';

const check = queryCheck({ type: 'object', properties: {}, additionalProperties: false });

/** @see openstack/nova:nova/api/openstack/compute/schemas, the queries `…_v2102` */
const withoutParameters: readonly RegExp[] = [
  /^\/extensions(\/[^/]+)?$/,
  /^\/flavors\/[^/]+(\/os-extra_specs(\/[^/]+)?|\/os-flavor-access)?$/,
  /^\/os-(aggregates|availability-zone|instance_usage_audit_log)(\/[^/]+)?$/,
  /^\/os-(quota-class-sets|server-groups)\/[^/]+$/,
  /^\/servers\/[^/]+$/,
  /^\/servers\/[^/]+\/(diagnostics|ips|metadata|migrations|os-interface)(\/[^/]+)?$/,
  /^\/servers\/[^/]+\/(os-security-groups|os-server-password|topology|shares)(\/[^/]+)?$/,
  /^\/servers\/[^/]+\/os-instance-actions\/[^/]+$/,
];

const takesNone = ({ method, path }: Route): boolean =>
  method === 'GET' &&
  !['/flavors/detail', '/servers/detail'].includes(path) &&
  withoutParameters.some((pattern) => pattern.test(path));

/** The same row, which refuses parameters since 2.102. */
export function strictQuery(row: Route): Route {
  if (!takesNone(row)) return row;
  const run = async (asked: Asked) => {
    if (atLeast(asked.microversion, '2.102')) check(asked.query);
    return row.run(asked);
  };
  return { ...row, run };
}
