/** Who a token belongs to, remembered for a while. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { ValidatedToken, TokenValidator } from './token-validation.js';

export interface TokenOptions {
  /** Seconds a validated token is believed without asking again; 0 asks every time. @default 300 */
  readonly cacheSeconds: number;
  /** `WWW-Authenticate` of a refusal: where clients get a token. */
  readonly challenge: string;
  /** Tells the other processes the digest of a token that was revoked. */
  tellOthers(digest: string): Promise<unknown>;
}

export class Tokens {
  // Keyed by digest, so that a dump of the memory's keys shows no token.
  private readonly known: LRUCache<string, ValidatedToken> | undefined;
  private readonly asking = new Map<string, Promise<ValidatedToken>>();

  constructor(
    private readonly validator: TokenValidator,
    private readonly options: TokenOptions,
  ) {
    if (options.cacheSeconds > 0) this.known = new LRUCache({ max: 20_000, ttl: options.cacheSeconds * 1000 });
  }

  /** @throws Fault 401 for a missing, expired, revoked or forged token; 503 when the identity service is silent */
  async callerOf(token: string | undefined): Promise<Caller> {
    if (!token) throw this.refused();
    const key = digest(token);
    const known = this.known?.get(key);
    if (known && known.expiresAt > Date.now()) return known.caller;
    return (await (this.asking.get(key) ?? this.validate(token, key))).caller;
  }

  /** A token was revoked through this process: no process of the cascade believes it any longer. */
  async forget(token: string): Promise<void> {
    this.drop(digest(token));
    await this.options.tellOthers(digest(token));
  }

  /** Drops what is known of a token, by its digest; of all tokens where it is empty. */
  drop(key: string): void {
    if (key === '') return this.dropAll();
    this.asking.delete(key);
    this.known?.delete(key);
  }

  dropAll(): void {
    this.asking.clear();
    this.known?.clear();
  }

  /** Asked once, however many wait for the answer; what was dropped meanwhile may be of before, and is not remembered. */
  private validate(token: string, key: string): Promise<ValidatedToken> {
    const isLatest = (): boolean => this.asking.get(key) === asking;
    const asking: Promise<ValidatedToken> = this.ask(token)
      .then((fresh) => {
        if (isLatest()) this.known?.set(key, fresh);
        return fresh;
      })
      .finally(() => {
        if (isLatest()) this.asking.delete(key);
      });
    this.asking.set(key, asking);
    return asking;
  }

  private async ask(token: string): Promise<ValidatedToken> {
    const validated = await this.validator.validate(token);
    if (!validated) throw this.refused();
    return validated;
  }

  private refused(): Fault {
    const headers = { 'www-authenticate': this.options.challenge };
    return new Fault('unauthorized', 'The request you have made requires authentication.', { headers });
  }
}

const digest = (token: string): string => createHash('sha256').update(token).digest('base64');
