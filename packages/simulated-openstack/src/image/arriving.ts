/** Bytes that an image gets from elsewhere. */
import { Readable } from 'node:stream';
import type { ImageBytes } from './bytes.js';
import type { Image } from './image.js';

/** The bytes at a URL. @throws Error where there are none */
export async function fetched(url: URL, headers: Readonly<Record<string, string>> = {}): Promise<Readable> {
  const answer = await fetch(url, { redirect: 'error', headers });
  if (!answer.ok || !answer.body) throw new Error(`${url.host} answered ${answer.status}`);
  // Glance compares what it got with the length that it was told, and fails in these words where it was told none.
  // @see openstack/glance:glance/async_/flows/_internal_plugins/web_download.py
  if (!answer.headers.has('content-length'))
    throw new Error("int() argument must be a string, a bytes-like object or a real number, not 'NoneType'");
  return Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
}

/** Where images and their bytes are. */
export interface Filled {
  readonly bytes: ImageBytes;
  row(id: string): Image | undefined;
  change(image: Image, changes: Partial<Image>): void;
}

/** Makes an image whole. @returns false where it was deleted meanwhile: what was written goes with it */
export async function fill(images: Filled, image: Image, source: Readable): Promise<boolean> {
  const written = await images.bytes.write(image.id, source);
  if (images.row(image.id) !== image) {
    await images.bytes.remove(image.id);
    return false;
  }
  images.change(image, { status: 'active', ...written, virtual_size: written.size });
  return true;
}
