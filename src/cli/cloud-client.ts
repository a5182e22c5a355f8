/** The OpenStack APIs of a cascade, as any client uses them: one login, one project. */
import type { HttpClient } from '@cascade/openstack-protocol/client/http.js';
import { KeystoneSession, type Credential } from '@cascade/openstack-protocol/client/keystone-session.js';
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import { CommandFailed } from './command-failed.js';

type Body = Record<string, unknown>;

export class CloudClient {
  private readonly session: KeystoneSession;

  constructor(
    private readonly http: HttpClient,
    /** Root of the cascade: `http://127.0.0.1:8700`. */
    private readonly url: string,
    credential: Credential,
  ) {
    this.session = new KeystoneSession(http, `${url}/identity`, credential, 30_000);
  }

  /** Id of the user who is logged in. */
  async userId(): Promise<string> {
    return (await this.session.get()).userId;
  }

  get<T = Body>(service: ServiceName, path: string): Promise<T> {
    return this.call('GET', service, path);
  }

  post<T = Body>(service: ServiceName, path: string, body: unknown): Promise<T> {
    return this.call('POST', service, path, body);
  }

  put<T = Body>(service: ServiceName, path: string, body?: unknown): Promise<T> {
    return this.call('PUT', service, path, body);
  }

  patch<T = Body>(service: ServiceName, path: string, body: unknown): Promise<T> {
    return this.call('PATCH', service, path, body);
  }

  /** @throws CommandFailed with what the cloud said */
  private async call<T>(method: string, service: ServiceName, path: string, body?: unknown): Promise<T> {
    const { token, projectId } = await this.session.get();
    const { name, version, projectInPath } = serviceOf(service);
    const project = projectInPath?.isNeeded(path) ? `/${projectId}` : '';
    const response = await this.http.send({
      method,
      url: `${this.url}/${name}${version}${project}${path}`,
      headers: { 'x-auth-token': token, accept: 'application/json', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
      deadlineMs: 120_000,
    });
    if (response.status >= 400)
      throw new CommandFailed(`${method} ${path}: ${response.status} ${wordsOf(bodyOf(response))}`);
    return bodyOf(response) as T;
  }
}

/** Every service wraps its message in a word of its own. */
function wordsOf(body: unknown): string {
  const inner = Object.values((body ?? {}) as Body)[0];
  const { message } = (typeof inner === 'object' && inner !== null ? inner : {}) as { message?: string };
  return message ?? '';
}
