/** Bytes in and out: upload, staging, download. @see openstack/glance:glance/api/v2/image_data.py */
import { Readable } from 'node:stream';
import { Fault } from '../../../openstack/faults.js';
import { noContent, type OpenStackResponse } from '../../../openstack/message.js';
import type { Asked } from '../../../openstack/route.js';
import { staged, type ByteRange } from './bytes.js';
import type { Image } from './image.js';
import { requireImage, requireOwnImage, type Images } from './images.js';
import { hasBytes } from './view.js';

/** @throws Fault 415 */
function requireOctets({ headers }: Asked): void {
  if (/^application\/octet-stream/.test(headers['content-type'] ?? '')) return;
  throw new Fault('unsupported-media', `The request media type ${headers['content-type'] ?? 'None'} is not supported by this server.`); // prettier-ignore
}

/** @throws Fault 400 */
function requireFormats({ disk_format: disk, container_format: container }: Image): void {
  if (disk !== null && container !== null) return;
  throw new Fault('bad-request', 'Properties disk_format, container_format must be set prior to saving data.');
}

export async function upload(images: Images, asked: Asked): Promise<OpenStackResponse> {
  requireOctets(asked);
  const image = requireOwnImage(images, asked.caller, asked.params['image_id'] ?? '', 'upload_image');
  if (image.status !== 'queued') {
    throw new Fault('conflict', `Image status transition from ${image.status} to saving is not allowed`);
  }
  requireFormats(image);
  images.change(image, { status: 'saving' });
  try {
    const written = await images.bytes.write(image.id, asked.stream);
    images.change(image, { status: 'active', ...written, virtual_size: written.size });
  } catch (error) {
    // The caller hung up, or the disk is full: as if nothing had come, so that it can be tried again.
    images.change(image, { status: 'queued' });
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new Fault('too-large', 'Image storage media is full');
    throw new Fault(
      'bad-request',
      'Error in store configuration or an incomplete upload: the image data was not saved.',
    );
  }
  return noContent();
}

export async function stage(images: Images, asked: Asked): Promise<OpenStackResponse> {
  requireOctets(asked);
  const image = requireOwnImage(images, asked.caller, asked.params['image_id'] ?? '', 'upload_image');
  if (image.status !== 'queued') {
    throw new Fault('conflict', `Image status transition from ${image.status} to uploading is not allowed`);
  }
  images.change(image, { status: 'uploading' });
  try {
    const { size } = await images.bytes.write(staged(image.id), asked.stream);
    images.change(image, { size });
  } catch {
    images.change(image, { status: 'queued' });
    throw new Fault('bad-request', 'The image data was not staged.');
  }
  return noContent();
}

export async function download(images: Images, asked: Asked): Promise<OpenStackResponse> {
  const image = requireImage(images, asked.caller, asked.params['image_id'] ?? '');
  if (image.status === 'deactivated' && !asked.caller.isAdmin) {
    throw new Fault('forbidden', 'The requested image has been deactivated. Image data download is forbidden.');
  }
  if (!hasBytes(image)) return noContent();
  const size = image.size ?? 0;
  const range = rangeAsked(asked.headers['range'], size);
  const headers = { 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes' };
  const isHead = asked.method === 'HEAD';
  if (range) {
    const length = String(range.end - range.start + 1);
    const part = { 'content-length': length, 'content-range': `bytes ${range.start}-${range.end}/${size}` };
    return { status: 206, headers: { ...headers, ...part }, body: await images.bytes.read(image.id, range) };
  }
  const whole = { 'content-length': String(size), 'content-md5': image.checksum ?? '' };
  const body = isHead || size === 0 ? Readable.from([]) : await images.bytes.read(image.id);
  return { status: 200, headers: { ...headers, ...whole }, body };
}

/** One range of bytes; others are not served. @throws Fault 400 for one beyond the image */
function rangeAsked(text: string | undefined, size: number): ByteRange | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(text ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const start = from === '' ? Math.max(size - Number(to), 0) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (start <= end) return { start, end };
  throw new Fault('bad-request', `Invalid range ${text} for an image of ${size} bytes.`);
}
