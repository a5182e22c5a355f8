/** Bytes that an image gets from elsewhere. */
import { Readable } from 'node:stream';
import type { Image } from './image.js';
import type { Images } from './images.js';

/** The bytes at a URL. @throws Error where there are none */
export async function fetched(url: URL, headers: Readonly<Record<string, string>> = {}): Promise<Readable> {
  const answer = await fetch(url, { redirect: 'error', headers });
  if (!answer.ok || !answer.body) throw new Error(`${url.host} answered ${answer.status}`);
  return Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
}

/** Makes an image whole. @returns false where it was deleted meanwhile: what was written goes with it */
export async function fill(images: Images, image: Image, source: Readable): Promise<boolean> {
  const written = await images.bytes.write(image.id, source);
  if (images.row(image.id) !== image) {
    await images.bytes.remove(image.id);
    return false;
  }
  images.change(image, { status: 'active', ...written, virtual_size: written.size });
  return true;
}
