/** The built-in identity: a small Keystone v3 on the cascade's own database, for where no Keystone is shared. */
import { mayReach } from '@cascade/openstack-protocol/server/access-rules.js';
import { parseJsonObject } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { PassedRequest } from '@cascade/openstack-protocol/server/front-door.js';
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { Router } from '@cascade/openstack-protocol/server/router.js';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import type { Database } from '../../database/database.js';
import { tell } from '../../database/notices.js';
import { isAdmin } from '../policy.js';
import type { Identity, ValidatedToken } from '../token-validation.js';
import type { Asked, Home, IdentityRoute } from './asked.js';
import { forbiddenAction, invalid, notBuilt, unauthorized } from './refusals.js';
import { openRoutes, routes, whatIsMissing, type OpenRoute } from './routes.js';
import { SecretHasher } from './secret-hash.js';
import { deleteExpiredTokens, findToken, tokenDigest } from './tokens/token-rows.js';
import { accessRulesOf, projectIdOf } from './tokens/token.js';
import { versionDocument } from './versions.js';

export interface BuiltInOptions {
  /** Seconds a token lives. */
  readonly tokenSeconds: number;
  /** What a password's hash costs: log2 of scrypt's N. */
  readonly passwordHashRounds: number;
  /** Called when this process changed what tokens say; other processes are told by the database. */
  tokensChanged(): void;
}

export class BuiltInIdentity implements Identity {
  private readonly router = new Router<IdentityRoute | OpenRoute>(
    [...openRoutes, ...routes],
    serviceOf('identity').unrouted,
  );

  private readonly secrets: SecretHasher;

  constructor(
    private readonly database: Database,
    private readonly options: BuiltInOptions,
  ) {
    this.secrets = new SecretHasher(options.passwordHashRounds);
  }

  async validate(token: string): Promise<ValidatedToken | undefined> {
    const found = await findToken(this.database, tokenDigest(token));
    if (!found) return undefined;
    const roles = found.roles.map(({ name }) => name);
    const projectId = projectIdOf(found);
    const accessRules = accessRulesOf(found);
    const caller = {
      token,
      userId: found.user.id,
      roles,
      isAdmin: isAdmin(roles),
      ...(projectId === undefined ? {} : { projectId }),
      ...(accessRules === undefined ? {} : { accessRules }),
    };
    return { caller, expiresAt: found.expiresAt.getTime() };
  }

  /** @throws Fault in Keystone's words */
  async answer(passed: PassedRequest): Promise<OpenStackResponse> {
    const [path = '', rawQuery = ''] = passed.pathAndQuery.split('?', 2);
    const identityUrl = `${passed.publicUrl}/identity`;
    const versions = ['GET', 'HEAD'].includes(passed.method) && versionDocument(path, identityUrl);
    if (versions) return versions;
    if (/%00/.test(passed.pathAndQuery)) throw new Fault('bad-request', 'Malformed request URL.');
    const { route, params } = this.match(passed.method, path);
    const { method, pathAndQuery, headers, publicUrl } = passed;
    const asked: Asked = {
      method,
      params,
      pathAndQuery,
      headers,
      publicUrl,
      url: `${identityUrl}/v3`,
      query: new URLSearchParams(rawQuery),
      readJson: () => readJson(passed),
    };
    let changed = false;
    const home: Home = {
      database: this.database,
      secrets: this.secrets,
      tokenSeconds: this.options.tokenSeconds,
      tokensChanged: (tx, digest) => {
        changed = true;
        return tell(tx, 'cascade_revoked_token', digest);
      },
    };
    try {
      return await this.run(route, home, asked);
    } finally {
      if (changed) this.options.tokensChanged();
    }
  }

  private async run(route: IdentityRoute | OpenRoute, home: Home, asked: Asked): Promise<OpenStackResponse> {
    if (!('policy' in route)) return route.run(home, asked);
    const token = asked.headers['x-auth-token'];
    const caller = token ? await findToken(this.database, tokenDigest(token)) : undefined;
    const path = asked.pathAndQuery.split('?', 1)[0]!.replace(/\/+$/, '');
    // Whatever its rules, a token may be validated. @see keystonemiddleware's validate_allowed_request
    const isValidation = asked.method === 'GET' && path === '/v3/auth/tokens';
    const mayAsk =
      caller && (isValidation || mayReach(accessRulesOf(caller), serviceOf('identity'), asked.method, path));
    if (!mayAsk) throw unauthorized(`${asked.publicUrl}/identity`);
    if (!route.policy(caller, asked.params)) throw forbiddenAction(route.rule);
    return route.run(home, { ...asked, caller });
  }

  /** Forgets tokens that have expired. */
  async sweep(): Promise<void> {
    await deleteExpiredTokens(this.database);
  }

  /** @throws Fault 404, 405, 501 for what Keystone has and this has not */
  private match(method: string, path: string) {
    const below = path.startsWith('/v3/') ? path.slice(3) : undefined;
    if (below === undefined) throw new Fault('not-found', 'The resource could not be found.');
    const missing = whatIsMissing(below);
    if (missing !== undefined) throw notBuilt(missing);
    return this.router.find(method, below);
  }
}

async function readJson(passed: PassedRequest): Promise<Record<string, unknown>> {
  const raw = await passed.readBody();
  if (raw.length === 0) return {};
  const body = parseJsonObject(raw, passed.headers['content-type']);
  // The database keeps no NUL and no half of a character.
  if (/\\u(0000|d[89a-f])/.test(JSON.stringify(body))) throw invalid('Malformed request body: invalid characters');
  return body;
}
