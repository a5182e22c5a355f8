/** The bytes of an image on their way from site to site: never held here, and no faster than the target takes them. */
import { pipeline } from 'node:stream/promises';
import { CallerGone } from '../openstack/client/relay.js';
import type { OpenStackResponse } from '../openstack/message.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { bytesAt, counting, SourceFailed } from './bytes.js';
import { imagePath, ImageRefused, wordsOf } from './image.js';
import type { Pace } from './pace.js';

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
