/** Images of random bytes at real Glances, moved by hand: with `curl`, as an operator without a cascade does it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { administrator } from './cloud.js';
import { HttpClient } from '../src/openstack/client/http.js';
import { KeystoneSession } from '../src/openstack/client/keystone-session.js';
import { bodyOf } from '../src/openstack/message.js';

export class ImageBytes {
  private readonly http = new HttpClient({ connections: 4, verifyTls: true });
  private readonly session: KeystoneSession;
  /** Root of the cascade. */
  private readonly cascade: string;

  /**
   * @param authUrl of the cascade, whose token the sites know
   * @param from root of the Glance in which images are made
   * @param to root of the Glance to which they go
   */
  constructor(
    authUrl: string,
    private readonly from: string,
    private readonly to: string,
  ) {
    this.session = new KeystoneSession(this.http, authUrl, administrator(), 30_000);
    this.cascade = authUrl.replace(/\/identity(\/v3)?\/?$/, '');
  }

  /** New random bytes in the first Glance. @returns the image's id, once the cascade knows of it */
  async make(megabytes: number): Promise<string> {
    const id = await this.record(this.from);
    await this.shell(`head -c ${megabytes}M /dev/urandom | ${put(this.from, id)}`);
    for (let look = 0; look < 120; look += 1) {
      if (await this.operate('GET', `/images/${id}`).catch(() => undefined)) return id;
      await delay(500);
    }
    throw new Error('the cascade did not find the image');
  }

  /** The empty record of a copy, at the second Glance. @returns its id */
  newCopy(): Promise<string> {
    return this.record(this.to);
  }

  /** `curl` GET piped into `curl` PUT. */
  copy(id: string, copy: string): Promise<void> {
    return this.shell(`curl -sf -H "X-Auth-Token: $TOKEN" ${this.from}/v2/images/${id}/file | ${put(this.to, copy)}`);
  }

  /** The copy that was made by hand. */
  removeCopy(id: string): Promise<unknown> {
    return this.call('DELETE', `${this.to}/v2/images/${id}`);
  }

  /** The image, wherever it is by now. */
  remove(id: string): Promise<unknown> {
    return this.call('DELETE', `${this.cascade}/image/v2/images/${id}`);
  }

  /** The operator's API of the cascade. */
  operate<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.call<T>(method, `${this.cascade}/cascade/v1${path}`, body);
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private async record(glance: string): Promise<string> {
    const asked = { name: 'bench', disk_format: 'raw', container_format: 'bare', visibility: 'private' };
    return (await this.call<{ id: string }>('POST', `${glance}/v2/images`, asked)).id;
  }

  private async call<T>(method: string, url: string, body?: unknown): Promise<T> {
    const { token } = await this.session.get();
    const headers = { 'x-auth-token': token, 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
    const response = await this.http.send({ method, url, headers, ...sent, deadlineMs: 60_000 });
    if (response.status >= 400) throw new Error(`${method} ${url}: ${response.status}`);
    return bodyOf(response) as T;
  }

  private async shell(command: string): Promise<void> {
    const { token } = await this.session.get();
    await promisify(execFile)('bash', ['-o', 'pipefail', '-c', command], { env: { ...process.env, TOKEN: token } });
  }
}

const put = (glance: string, id: string): string =>
  `curl -sf -X PUT -H "X-Auth-Token: $TOKEN" -H 'Content-Type: application/octet-stream' -T - ${glance}/v2/images/${id}/file`;
