/** Reading a request body: bounded, and parsed where it enters. */
import type { Readable } from 'node:stream';
import { Fault } from '../faults.js';

/** @throws Fault 413 beyond `limit` bytes */
export async function readAll(stream: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Destroyed, the stream would take the connection with it.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) break;
    chunks.push(chunk);
  }
  if (size > limit) {
    // Let the caller finish sending, so that it reads our answer and may go on with the same connection.
    stream.resume();
    throw new Fault('too-large', `Request is too large. Larger than max_request_body_size (${limit}).`);
  }
  return Buffer.concat(chunks, size);
}

/** A body that is no JSON, or no object. */
export class MalformedBody extends Fault {
  constructor(why = '') {
    super('bad-request', `Malformed request body${why}`);
    this.name = 'MalformedBody';
  }
}

/** @throws MalformedBody for malformed JSON or anything but an object, 415 for a content type that is no JSON */
export function parseJsonObject(raw: Buffer, contentType: string | undefined): Record<string, unknown> {
  if (contentType && !/json/i.test(contentType) && raw.length > 0) {
    throw new Fault('unsupported-media', `Unsupported Content-Type ${contentType.slice(0, 100)}`);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw.toString('utf8'));
  } catch {
    throw new MalformedBody(': cannot understand JSON');
  }
  if (!isObject(parsed)) throw new MalformedBody();
  return parsed;
}

/** What some bytes hold as JSON; undefined where they hold none. */
export function tryJson(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString());
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
