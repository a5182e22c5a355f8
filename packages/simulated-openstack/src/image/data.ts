/** Bytes in and out: upload, staging, download. @see openstack/glance:glance/api/v2/image_data.py */
import { Readable } from 'node:stream';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { noContent, type Headers, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { staged, type ByteRange } from './bytes.js';
import type { Image } from './image.js';
import { requireImage, requireOwnImage, type Images } from './images.js';
import { hasBytes } from './view.js';

/** @throws Fault 415 */
function requireOctets({ headers }: Asked): void {
  if (/^application\/octet-stream/.test(headers['content-type'] ?? '')) return;
  throw new Fault(
    'unsupported-media',
    `The request media type ${headers['content-type'] ?? 'None'} is not supported by this server.`,
  );
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
  const range = rangeAsked(asked.headers, size);
  const headers = { 'content-type': 'application/octet-stream', 'content-md5': image.checksum ?? '' };
  if (range) {
    const length = String(range.end - range.start + 1);
    const part = { 'content-length': length, 'content-range': `bytes ${range.start}-${range.end}/${size}` };
    return { status: 206, headers: { ...headers, ...part }, body: await images.bytes.read(image.id, range) };
  }
  const body = size === 0 ? Readable.from([]) : await images.bytes.read(image.id);
  return { status: 200, headers: { ...headers, 'content-length': String(size) }, body };
}

/**
 * The part that is asked for. A `Range` goes before a `Content-Range`, which no request should have and old clients send.
 * @see openstack/glance:glance/common/wsgi.py Request.get_range_from_request
 * @throws Fault 400 for several ranges, 416 for one that is none, or beyond the image
 */
function rangeAsked({ range, 'content-range': old }: Headers, size: number): ByteRange | undefined {
  if (range !== undefined) {
    if (range.includes(',')) throw new Fault('bad-request', severalRanges);
    const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
    if (from === '' && to === '') throw unsatisfiable('Invalid Range header.');
    if (from === '') return { start: Math.max(size - Number(to), 0), end: size - 1 };
    if (to !== '' && Number(from) > Number(to)) throw unsatisfiable('Invalid Range header.');
    if (Number(from) >= size) throw unsatisfiable(`Invalid start position in Range header. ${startWithin(size)}`);
    return { start: Number(from), end: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
  }
  if (old === undefined) return undefined;
  const [, from, to, length] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(old) ?? [];
  const [start, end] = [Number(from), Number(to)];
  if (from === undefined || start > end || (length !== '*' && end >= Number(length))) {
    throw unsatisfiable('Invalid Content-Range header.');
  }
  if (length === '*' && end >= size) {
    const within = `The stop position MUST be in the inclusive range [0, ${size - 1}].`;
    throw unsatisfiable(`Invalid stop position in Content-Range header. ${within}`);
  }
  if (start >= size) throw unsatisfiable(`Invalid start position in Content-Range header. ${startWithin(size)}`);
  return { start, end: Math.min(end, size - 1) };
}

const severalRanges =
  'Requests with multiple ranges are not supported in Glance. You may make multiple single-range requests instead.';
const startWithin = (size: number): string => `Start position MUST be in the inclusive range [0, ${size - 1}].`;
const unsatisfiable = (detail: string): Fault =>
  new Fault('range-not-satisfiable', 'The Range requested is not available.', { detail });
