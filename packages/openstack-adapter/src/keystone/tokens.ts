/** Tokens of a cloud that has a Keystone of its own. They live in its memory. */
import { createHash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Fault } from '@cascade/openstack-protocol/faults.js';

export interface Token {
  readonly userId: string;
  readonly projectId: string | undefined;
  /** True for one that stands for the whole domain or the whole system. */
  readonly isWide: boolean;
  readonly methods: readonly string[];
  readonly auditId: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Of what Fernet encrypts: its version, and the first bytes of the time. */
const prefix = 'gAAAAA';
const lifeMs = 24 * 3_600_000;

export class Tokens {
  private readonly issued = new LRUCache<string, Token>({ max: 5_000 });

  /** @param until the end of the token it was made from */
  issue(
    given: Pick<Token, 'userId' | 'projectId' | 'isWide' | 'methods'>,
    until = Date.now() + lifeMs,
  ): { text: string; token: Token } {
    const text = `${prefix}${randomBytes(64).toString('base64url')}`;
    const auditId = randomBytes(16).toString('base64url');
    const token = { ...given, auditId, issuedAt: Date.now(), expiresAt: until };
    this.issued.set(digest(text), token);
    return { text, token };
  }

  /** One that is neither revoked nor expired. */
  find(text: string | undefined): Token | undefined {
    const token = text === undefined ? undefined : this.issued.get(digest(text));
    return token && token.expiresAt > Date.now() ? token : undefined;
  }

  /** @throws Fault 404 @see openstack/keystone:keystone/token/provider.py validate_token */
  require(text: string | undefined): Token {
    if (!text) throw new Fault('not-found', 'No token in the request');
    const token = this.find(text);
    if (token) return token;
    throw new Fault(
      'not-found',
      text.startsWith(prefix) ? 'Failed to validate token' : 'Could not recognize Fernet token',
    );
  }

  revoke(text: string): void {
    this.issued.delete(digest(text));
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64');
