/** Which tokens prove to a site who asks. How a site lets the cascade in decides it; today every site shares its Keystone. */
import { LoginRefused, type KeystoneSession } from '@cascade/openstack-protocol/client/keystone-session.js';
import type { Principal } from '@cascade/openstack-protocol/caller.js';

export interface SentTokens {
  readonly token: string;
  /** The project of the token, at the site. */
  readonly projectId?: string;
  /** A service's token beside it. */
  readonly serviceToken?: string;
}

/** No token could be had: the site was not asked anything. */
export class NotLoggedIn extends Error {
  constructor(readonly reason: string) {
    super(reason);
    this.name = 'NotLoggedIn';
  }
}

export interface SiteTokens {
  /**
   * @param principal undefined for the cascade itself
   * @throws NotLoggedIn
   */
  tokensFor(principal: Principal | undefined): Promise<SentTokens>;
  /** The same, and the cascade's own token beside them, as of a service that acts for its user. @throws NotLoggedIn */
  tokensOfService(principal: Principal): Promise<SentTokens>;
  /** The site answered 401 to these. @returns true where others can be had, so that asking again makes sense */
  refused(sent: SentTokens, principal: Principal | undefined): boolean;
}

/** A site whose Keystone is the cascade's: it is sent the caller's own token. */
export class SharedKeystoneTokens implements SiteTokens {
  constructor(private readonly session: KeystoneSession) {}

  async tokensFor(principal: Principal | undefined): Promise<SentTokens> {
    if (!principal) return this.ownTokens();
    const { token, projectId, allowExpired } = principal;
    return allowExpired ? this.tokensOfService(principal) : { token, ...(projectId ? { projectId } : {}) };
  }

  async tokensOfService({ token, projectId }: Principal): Promise<SentTokens> {
    const { token: serviceToken } = await this.ownTokens();
    return { token, ...(projectId ? { projectId } : {}), serviceToken };
  }

  refused({ token }: SentTokens, principal: Principal | undefined): boolean {
    if (principal) return false;
    this.session.forget(token);
    return true;
  }

  private async ownTokens(): Promise<SentTokens> {
    try {
      const { token, projectId } = await this.session.get();
      return { token, ...(projectId ? { projectId } : {}) };
    } catch (error) {
      throw new NotLoggedIn(
        error instanceof LoginRefused ? `login refused: ${error.message}` : (error as Error).message,
      );
    }
  }
}
