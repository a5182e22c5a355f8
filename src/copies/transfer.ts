/** The bytes of an image on their way from site to site: never held here, and no faster than the target takes them. */
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CallerGone } from '../openstack/client/relay.js';
import type { OpenStackResponse } from '../openstack/message.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { imagePath, ImageRefused, wordsOf } from './image.js';
import type { Pace } from './pace.js';

const progressMs = 1_000;

export interface Transfer {
  readonly imageId: string;
  /** In bytes; null where the record does not say. */
  readonly size: number | null;
  readonly source: Site;
  readonly target: Site;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** Told about once a second, and at the end, how many bytes have gone. */
  progress(bytes: number): void;
}

/** The source, and not the target, is why the bytes did not come. */
export class SourceFailed extends Error {
  override readonly name = 'SourceFailed';
}

/** @throws SourceFailed; ImageRefused, SiteUnreachable by the target */
export async function transfer(asked: Transfer): Promise<void> {
  const { source, target, imageId, size, signal } = asked;
  const bytes = await open(source, imageId, size);
  let broken = 'its bytes broke off';
  const counted = counting(asked);
  const flowing = pipeline(bytes, counted, { signal }).catch((error: Error) => {
    broken = error.message;
  });
  // In chunks and without a length: Glance takes an upload with a length that is cut off for a whole, shorter image.
  const put = {
    service: 'image',
    method: 'PUT',
    path: imagePath(imageId, '/file'),
    bulk: true,
    body: counted,
  } as const;
  const headers = { 'content-type': 'application/octet-stream' };
  let response: OpenStackResponse;
  try {
    response = await target.request({ ...put, headers });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CallerGone)) throw error;
    await flowing;
    throw new SourceFailed(`${source.name}: ${broken}`);
  } finally {
    counted.destroy();
    await flowing;
  }
  if (response.status < 300) return;
  signal.throwIfAborted();
  const words = wordsOf(response);
  if (response.status >= 500) throw new SiteUnreachable(target.name, true, `upload: ${response.status} ${words}`);
  throw new ImageRefused(target, 'take the bytes', response.status, words);
}

async function open(source: Site, imageId: string, size: number | null): Promise<Readable> {
  try {
    const asked = { service: 'image', method: 'GET', path: imagePath(imageId, '/file'), bulk: true } as const;
    const response = await source.request({ ...asked, headers: { accept: 'application/octet-stream' } });
    if (response.status === 200 && !Buffer.isBuffer(response.body)) return response.body;
    if (size === 0 && response.status < 300) return Readable.from([]);
    throw new SourceFailed(`${source.name} gives no bytes: ${response.status} ${wordsOf(response)}`.trim());
  } catch (error) {
    if (error instanceof SiteUnreachable) throw new SourceFailed(`${source.name} does not answer: ${error.reason}`);
    throw error;
  }
}

/** Passes bytes on and counts them. What ends before all have come is an error: as a whole upload it would be a wrong image. */
function counting({ pace, target, size, progress }: Transfer): Transform {
  let count = 0;
  let toldAt = performance.now();
  const tell = (): void => {
    toldAt = performance.now();
    progress(count);
  };
  return new Transform({
    highWaterMark: 1024 * 1024,
    transform(chunk: Buffer, _encoding, done) {
      count += chunk.length;
      if (performance.now() - toldAt > progressMs) tell();
      pace.pass(target.id, chunk.length, () => done(null, chunk));
    },
    flush(done) {
      tell();
      done(size === null || size === count ? null : new Error(`${count} bytes came instead of ${size}`));
    },
  });
}
