/** A request to a cloud's own Keystone, and who sent it. */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { PassedRequest } from '@cascade/openstack-protocol/server/front-door.js';
import { expected, notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { refused } from './keystone.js';
import type { Token } from './tokens.js';

export interface IdentityAsked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Who asks, where the row lets somebody in only. */
  readonly token: Token | undefined;
  readonly isAdmin: boolean;
  readonly request: PassedRequest;
  /** `https://cloud.example/identity/v3` */
  readonly url: string;
}

export interface IdentityRoute {
  readonly method: string;
  /** Below `/v3`. */
  readonly path: string;
  readonly needs: 'nobody' | 'somebody' | 'admin';
  readonly run: (asked: IdentityAsked) => OpenStackResponse | Promise<OpenStackResponse>;
}

/** `row('GET /projects', 'admin', list)` */
export function row(methodAndPath: string, needs: IdentityRoute['needs'], run: IdentityRoute['run']): IdentityRoute {
  const [method = '', path = ''] = methodAndPath.split(' ');
  return { method, path, needs, run };
}

/** Who is in the path, for a caller who asks about himself or is an administrator. @throws Fault 403 */
export function requireSelf({ token, isAdmin }: IdentityAsked, userId: string): void {
  if (!token) throw refused();
  if (token.userId === userId || isAdmin) return;
  throw forbidden();
}

export const forbidden = (): Fault => new Fault('forbidden', 'You are not authorized to perform the requested action.');

/** @throws Fault 404 */
export function found<T>(thing: T | undefined, what: string, id: string): T {
  if (thing !== undefined) return thing;
  throw notFound(what, id);
}

/** @throws Fault 400 @see openstack/keystone:keystone/server/flask/request_processing/json_body.py */
export async function readBody({ request }: IdentityAsked): Promise<Record<string, unknown>> {
  const raw = await request.readBody();
  if (raw.length === 0) return {};
  const type = request.headers['content-type'] ?? '';
  if (type !== '' && !/^application\/([\w.-]+\+)?json\b/i.test(type)) {
    throw expected('application/json', 'Content-Type header');
  }
  const body = tryJson(raw);
  if (!isObject(body)) throw expected('valid JSON', 'request body');
  return body;
}

/** One object of the body. @throws Fault 400 */
export async function readObject(asked: IdentityAsked, key: string): Promise<Record<string, unknown>> {
  const object = (await readBody(asked))[key];
  if (typeof object === 'object' && object !== null) return object as Record<string, unknown>;
  throw new Fault('bad-request', `'${key}' is a required property`);
}

/** Rows whose fields are what the query says they are; fields the query does not know are left alone. */
export function filtered<T extends object>({ query }: IdentityAsked, rows: readonly T[]): T[] {
  return rows.filter((one) =>
    Object.entries(one).every(([name, value]) => (query.get(name) ?? String(value)) === String(value)),
  );
}
