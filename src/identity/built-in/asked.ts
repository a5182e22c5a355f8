/** A request to the built-in identity, its caller known, and a row of its route table. */
import type { Headers, OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Database, Queryable } from '../../database/database.js';
import type { Policy } from './policies.js';
import type { SecretHasher } from './secret-hash.js';
import type { Token } from './tokens/token.js';

/** What all answers need. */
export interface Home {
  readonly database: Database;
  readonly secrets: SecretHasher;
  /** Seconds a token lives. */
  readonly tokenSeconds: number;
  /**
   * Says to every process, with the transaction's commit, that what was known of tokens may be wrong.
   * @param digest of one token; without it all are looked up again
   */
  tokensChanged(tx: Queryable, digest?: string): Promise<unknown>;
}

export interface Asked {
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Path and query below the service's root, for `self` links. */
  readonly pathAndQuery: string;
  readonly headers: Headers;
  /** `https://cloud.example`: root of the cloud as the caller sees it. */
  readonly publicUrl: string;
  /** `https://cloud.example/identity/v3` */
  readonly url: string;
  /** The body as a JSON object; an empty one where there is none. @throws Fault 400 */
  readJson(): Promise<Record<string, unknown>>;
}

export interface AskedByCaller extends Asked {
  readonly caller: Token;
}

export interface IdentityRoute {
  readonly method: string;
  readonly path: string;
  /** Keystone's name of the rule, and who it lets through. */
  readonly rule: string;
  readonly policy: Policy;
  run(home: Home, asked: AskedByCaller): Promise<OpenStackResponse>;
}

/** `row('GET /users/{user_id}', 'identity:get_user', ownUser, show)` */
export function row(methodAndPath: string, rule: string, policy: Policy, run: IdentityRoute['run']): IdentityRoute {
  const [method = '', path = ''] = methodAndPath.split(' ');
  return { method, path, rule: `identity:${rule}`, policy, run };
}
