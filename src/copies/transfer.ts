/** The bytes of an image on their way from site to site: never held here, and no faster than the target takes them. */
import { pipeline } from 'node:stream/promises';
import { CallerGone } from '@cascade/openstack-protocol/client/relay.js';
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { Readable, Transform } from 'node:stream';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { imagePath, ImageRefused, wordsOf } from './image.js';

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

/** @throws SourceFailed; ImageRefused, SiteUnreachable by the target */
export async function transfer({ source, target, imageId, size, signal, pace, progress }: Transfer): Promise<void> {
  const bytes = await bytesAt(source, imageId, size);
  let broken = 'its bytes broke off';
  const counted = counting({ siteId: target.id, size, pace, progress });
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
  // Of a proxy whose Glance is away; what Glance itself says it may say of the next upload too, and that is counted.
  const isAway = response.status >= 502 && response.status <= 504;
  if (isAway) throw new SiteUnreachable(target.name, true, `upload: ${response.status} ${words}`);
  throw new ImageRefused(target, 'take the bytes', response.status, words);
}

const progressMs = 1_000;

/** The source, and not the target, is why the bytes did not come. */
export class SourceFailed extends Error {
  override readonly name = 'SourceFailed';
}

/** @param size in bytes; null where the record does not say. @throws SourceFailed */
export async function bytesAt(source: Site, imageId: string, size: number | null): Promise<Readable> {
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

export interface Counted {
  /** To which they go. */
  readonly siteId: number;
  readonly size: number | null;
  readonly pace: Pace;
  /** Told about once a second, and at the end, how many bytes have gone. */
  progress(bytes: number): void;
}

/** Passes bytes on and counts them. What ends before all have come is an error: as a whole upload it would be a wrong image. */
export function counting({ pace, siteId, size, progress }: Counted): Transform {
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
      pace.pass(siteId, chunk.length, () => done(null, chunk));
    },
    flush(done) {
      tell();
      done(size === null || size === count ? null : new Error(`${count} bytes came instead of ${size}`));
    },
  });
}

/** How many bytes a second may go to one site, all copies that this process makes there together. */
export class Pace {
  private readonly freeAt = new Map<number, number>();

  /** @param bytesPerSecond 0 is no limit */
  constructor(private readonly bytesPerSecond: number) {}

  /** Calls `go` when that many bytes may go on to a site. */
  pass(siteId: number, bytes: number, go: () => void): void {
    if (this.bytesPerSecond === 0) return go();
    const now = performance.now();
    const start = Math.max(now, this.freeAt.get(siteId) ?? now);
    this.freeAt.set(siteId, start + (bytes / this.bytesPerSecond) * 1000);
    if (start - now < 1) go();
    else setTimeout(go, start - now);
  }
}
