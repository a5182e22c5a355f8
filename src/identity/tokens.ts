/** Who a token belongs to, as Keystone says, remembered for a while. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../openstack/caller.js';
import { Fault } from '../openstack/faults.js';
import { bodyOf } from '../openstack/message.js';
import { identityIsSilent, type Keystone } from './keystone.js';
import { isAdmin } from './policy.js';

export interface TokenOptions {
  /** Seconds a validated token is believed without asking again; 0 asks every time. @default 300 */
  readonly cacheSeconds: number;
  /** Value of WWW-Authenticate's uri: where clients get a token. */
  readonly identityUrl: string;
  /** Tells the other processes the digest of a token that was revoked. */
  tellOthers(digest: string): Promise<unknown>;
}

interface TokenBody {
  token?: {
    expires_at: string;
    user: { id: string };
    project?: { id: string };
    roles?: { name: string }[];
  };
}

interface Known {
  readonly caller: Caller;
  readonly expiresAt: number;
}

export class Tokens {
  // Keyed by digest, so that a dump of the memory's keys shows no token.
  private readonly known: LRUCache<string, Known> | undefined;
  private readonly asking = new Map<string, Promise<Known>>();

  constructor(
    private readonly keystone: () => Keystone,
    private readonly options: TokenOptions,
  ) {
    if (options.cacheSeconds > 0) this.known = new LRUCache({ max: 20_000, ttl: options.cacheSeconds * 1000 });
  }

  /** @throws Fault 401 for a missing, expired, revoked or forged token; 503 when Keystone is silent */
  async callerOf(token: string | undefined): Promise<Caller> {
    if (!token) throw this.refused();
    const key = digest(token);
    const known = this.known?.get(key);
    if (known && known.expiresAt > Date.now()) return known.caller;
    let asking = this.asking.get(key);
    if (!asking) {
      asking = this.ask(token).finally(() => this.asking.delete(key));
      this.asking.set(key, asking);
    }
    const fresh = await asking;
    this.known?.set(key, fresh);
    return fresh.caller;
  }

  /** A token was revoked through this process: no process of the cascade believes it any longer. */
  async forget(token: string): Promise<void> {
    this.drop(digest(token));
    await this.options.tellOthers(digest(token));
  }

  /** Drops what is known of a token, by its digest. */
  drop(key: string): void {
    this.known?.delete(key);
  }

  dropAll(): void {
    this.known?.clear();
  }

  private async ask(token: string): Promise<Known> {
    // A token may validate itself, so no account of ours is needed. @see keystone's policy identity:validate_token
    const headers = { 'x-auth-token': token, 'x-subject-token': token, accept: 'application/json' };
    const response = await this.keystone().send('GET', '/v3/auth/tokens?nocatalog', headers);
    const body = (bodyOf(response) as TokenBody | undefined)?.token;
    if (response.status >= 500) throw identityIsSilent();
    if (response.status !== 200 || !body) throw this.refused();
    const roles = (body.roles ?? []).map((role) => role.name);
    const caller: Caller = {
      token,
      userId: body.user.id,
      roles,
      isAdmin: isAdmin(roles),
      ...(body.project ? { projectId: body.project.id } : {}),
    };
    return { caller, expiresAt: new Date(body.expires_at).getTime() };
  }

  private refused(): Fault {
    const headers = { 'www-authenticate': `Keystone uri="${this.options.identityUrl}"` };
    return new Fault('unauthorized', 'The request you have made requires authentication.', { headers });
  }
}

const digest = (token: string): string => createHash('sha256').update(token).digest('base64');
