/** OpenStack clouds over HTTP, behind a Keystone. */
import type { Principal } from '@cascade/openstack-protocol/caller.js';
import { HttpClient } from '@cascade/openstack-protocol/client/http.js';
import { KeystoneSession, LoginRefused } from '@cascade/openstack-protocol/client/keystone-session.js';
import type { Headers, OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { older } from '@cascade/openstack-protocol/microversion.js';
import { lastTold, microversionHeaders } from '@cascade/openstack-protocol/microversion-header.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import { discoverSite } from './discover.js';
import { Absences, rediscover } from './rediscover.js';
import type { SiteCapabilities, SiteRequest } from './site.js';
import { NotLoggedIn, SharedKeystoneTokens, type SentTokens, type SiteTokens } from './site-tokens.js';
import type { SiteConnection, SiteTransport } from './transport.js';
import type { SiteAddress } from './endpoints.js';

const probeDeadlineMs = 8_000;

/** @param connections to one cloud at once; `loginDeadlineMs` bounds a login at its Keystone */
export function httpTransport(options: { connections: number; loginDeadlineMs: number }): SiteTransport {
  return {
    discover: async (address, tenantToken) => {
      const http = new HttpClient({ connections: 4, verifyTls: address.verifyTls });
      return discoverSite(http, address, tenantToken).finally(() => http.close());
    },
    connect: ({ authUrl, credential, verifyTls }) => {
      const http = new HttpClient({ connections: options.connections, verifyTls });
      return new HttpConnection(http, new KeystoneSession(http, authUrl, credential, options.loginDeadlineMs));
    },
  };
}

export class HttpConnection implements SiteConnection {
  private readonly absences = new Absences();
  private readonly tokens: SiteTokens;

  constructor(
    private readonly http: HttpClient,
    private readonly session: KeystoneSession,
  ) {
    this.tokens = new SharedKeystoneTokens(session);
  }

  async send(asked: SiteRequest, principal: Principal | undefined, known: SiteCapabilities, deadlineMs: number) {
    const response = await this.sendLoggedIn(asked, principal, known, deadlineMs);
    const last = asked.isWorded ? undefined : lastTold(response);
    if (last === undefined || asked.microversion === undefined) return response;
    // It was downgraded since it was looked at, or its version document is wrong. It did not take the request.
    const microversion = older(asked.microversion, last);
    return this.sendLoggedIn({ ...asked, microversion }, principal, known, deadlineMs);
  }

  private async sendLoggedIn(
    asked: SiteRequest,
    principal: Principal | undefined,
    known: SiteCapabilities,
    deadlineMs: number,
  ) {
    const sent = await this.tokens.tokensFor(principal);
    const response = await this.sendWith(sent, asked, known, deadlineMs);
    const repeatable = !asked.body || Buffer.isBuffer(asked.body);
    if (response.status !== 401 || !repeatable) return response;
    if (this.tokens.refused(sent, principal)) {
      return this.sendWith(await this.tokens.tokensFor(principal), asked, known, deadlineMs);
    }
    if (!principal || !mayAskAsService(principal, asked, sent)) return response;
    return this.sendWith(await this.tokens.tokensOfService(principal), asked, known, deadlineMs);
  }

  async probe(service: ServiceName, known: SiteCapabilities): Promise<void> {
    const url = `${known.endpoints[service]?.[0]}/`;
    await this.http.send({ method: 'GET', url, headers: {}, deadlineMs: probeDeadlineMs });
  }

  async rediscover(at: Pick<SiteAddress, 'region' | 'interface'>, known: SiteCapabilities): Promise<SiteCapabilities> {
    try {
      return await rediscover(this.http, this.session, at, known, this.absences);
    } catch (error) {
      throw new NotLoggedIn(
        error instanceof LoginRefused ? `login refused: ${error.message}` : (error as Error).message,
      );
    }
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private async sendWith(
    sent: SentTokens,
    asked: SiteRequest,
    known: SiteCapabilities,
    deadlineMs: number,
  ): Promise<OpenStackResponse> {
    const start = performance.now();
    try {
      return await this.http.send({
        method: asked.method,
        url: urlOf(asked, known, sent.projectId),
        headers: headersOf(asked, known, sent),
        ...(asked.body ? { body: asked.body } : {}),
        bulk: asked.bulk,
        deadlineMs,
      });
    } finally {
      asked.spent?.(performance.now() - start);
    }
  }
}

function urlOf(asked: SiteRequest, known: SiteCapabilities, projectId: string | undefined): string {
  const root = known.endpoints[asked.service]?.[0];
  const { version, projectInPath } = serviceOf(asked.service);
  const project = projectInPath?.isNeeded(asked.path) ? `/${projectId ?? ''}` : '';
  const { before, after } = asked.written ?? { before: version + project, after: '' };
  return `${root}${before}${asked.path}${after}${asked.query ? `?${asked.query}` : ''}`;
}

/**
 * A site reads the access rules of a token against what it is asked itself, which may be a read that the tenant's request
 * needs, or stand below another alias of the service. Only what it refuses is asked again as a service: sites want the role
 * `service` for that, and some requests would then be treated otherwise.
 * @see openstack/keystonemiddleware:keystonemiddleware/auth_token/__init__.py validate_allowed_request
 */
function mayAskAsService({ accessRules }: Principal, asked: SiteRequest, { serviceToken }: SentTokens): boolean {
  if (!accessRules || serviceToken !== undefined) return false;
  return !serviceOf(asked.service).differsFromService?.(asked);
}

function headersOf(asked: SiteRequest, known: SiteCapabilities, { token, serviceToken }: SentTokens): Headers {
  const range = known.microversions[asked.service];
  const version = asked.microversion && range ? older(asked.microversion, range.max) : asked.microversion;
  return {
    accept: 'application/json',
    ...asked.headers,
    ...microversionHeaders(serviceOf(asked.service).microversions, version),
    'x-auth-token': token,
    ...(serviceToken === undefined ? {} : { 'x-service-token': serviceToken }),
  };
}
