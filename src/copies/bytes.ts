/** The bytes of an image as a site gives them, counted on their way and never held here. */
import { Readable, Transform } from 'node:stream';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { imagePath, wordsOf } from './image.js';
import type { Pace } from './pace.js';

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
