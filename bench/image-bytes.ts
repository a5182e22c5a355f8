/** Images of random bytes at real Glances, moved by hand: with `curl`, as an operator without a cascade does it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cloud } from './cloud.js';

export class ImageBytes {
  /**
   * @param from the site in which images are made
   * @param to the site to which they go
   */
  constructor(
    private readonly cascade: Cloud,
    private readonly from: Cloud,
    private readonly to: Cloud,
  ) {}

  /** New random bytes in the first Glance. @returns the image's id, once the cascade knows of it */
  async make(megabytes: number): Promise<string> {
    const id = await newImage(this.from);
    const glance = await this.from.urlOf('image');
    await this.shell(`head -c ${megabytes}M /dev/urandom | ${put(glance, id)}`);
    for (let look = 0; look < 120; look += 1) {
      if (await this.cascade.operate(`/images/${id}`).catch(() => undefined)) return id;
      await delay(500);
    }
    throw new Error('the cascade did not find the image');
  }

  /** The empty record of a copy, at the second Glance. @returns its id */
  newCopy(): Promise<string> {
    return newImage(this.to);
  }

  /** `curl` GET piped into `curl` PUT. */
  async copy(id: string, copy: string): Promise<void> {
    const [from, to] = [await this.from.urlOf('image'), await this.to.urlOf('image')];
    await this.shell(`curl -sf -H "X-Auth-Token: $TOKEN" ${from}/images/${id}/file | ${put(to, copy)}`);
  }

  /** The copy that was made by hand. */
  removeCopy(id: string): Promise<void> {
    return remove(this.to, id);
  }

  /** The image, wherever it is by now. */
  remove(id: string): Promise<void> {
    return remove(this.cascade, id);
  }

  private async shell(command: string): Promise<void> {
    const env = { ...process.env, TOKEN: await this.cascade.token() };
    await promisify(execFile)('bash', ['-o', 'pipefail', '-c', command], { env });
  }
}

async function newImage(cloud: Cloud): Promise<string> {
  const image = { name: 'bench', disk_format: 'raw', container_format: 'bare', visibility: 'private' };
  const { status, body } = await cloud.ask<{ id: string }>('POST', 'image', '/images', { body: image });
  if (status !== 201) throw new Error(`${cloud.address.name}: ${status} ${JSON.stringify(body)}`);
  return body.id;
}

async function remove(cloud: Cloud, id: string): Promise<void> {
  const { status } = await cloud.ask('DELETE', 'image', `/images/${id}`);
  if (status !== 204) throw new Error(`${cloud.address.name}: image ${id} was not deleted: ${status}`);
}

const put = (glance: string, id: string): string =>
  `curl -sf -X PUT -H "X-Auth-Token: $TOKEN" -H 'Content-Type: application/octet-stream' -T - ${glance}/images/${id}/file`;
