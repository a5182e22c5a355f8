/** A plain client of one OpenStack endpoint, for tests against real clouds. */
import { HttpClient } from '@cascade/openstack-protocol/client/http.js';
import { KeystoneSession } from '@cascade/openstack-protocol/client/keystone-session.js';

export interface Reply<T> {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: T;
}

const http = new HttpClient({ connections: 64, verifyTls: true });

const administrator = { username: 'admin', password: 'secret', projectName: 'admin' };
const domains = { userDomain: 'default', projectDomain: 'default' };

export class CloudClient<Service extends string = 'compute' | 'image'> {
  private readonly session: KeystoneSession;

  constructor(
    authUrl: string,
    /** Root of each service, version included. */
    readonly roots: Readonly<Record<Service, string>>,
    login: typeof administrator = administrator,
  ) {
    this.session = new KeystoneSession(http, authUrl, { kind: 'password', ...domains, ...login }, 60_000);
  }

  /** @param version the header `OpenStack-API-Version`; empty for none */
  async call<T>(
    method: string,
    url: string,
    body?: unknown,
    version = 'compute 2.79',
    deadlineMs = 60_000,
  ): Promise<Reply<T>> {
    const { token } = await this.session.get();
    const raw = body === undefined ? undefined : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
    const response = await http.send({
      method,
      url,
      headers: {
        'x-auth-token': token,
        accept: 'application/json',
        ...(version && { 'openstack-api-version': version }),
        ...(raw ? { 'content-type': Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json' } : {}),
      },
      ...(raw ? { body: raw } : {}),
      deadlineMs,
    });
    const text = Buffer.isBuffer(response.body) ? response.body.toString() : '';
    return {
      status: response.status,
      headers: response.headers,
      body: (text.startsWith('{') ? JSON.parse(text) : text) as T,
    };
  }

  async token(): Promise<string> {
    return (await this.session.get()).token;
  }

  compute<T>(
    this: CloudClient<'compute' | 'image'>,
    method: string,
    path: string,
    body?: unknown,
    microversion = '2.79',
  ): Promise<Reply<T>> {
    return this.call<T>(method, this.roots.compute + path, body, `compute ${microversion}`);
  }
}

export const closeClients = (): Promise<void> => http.close();
