/** A caller's bytes on their way to a site. */
import { finished, Transform, type Readable } from 'node:stream';
import { Fault } from '../faults.js';

/** The caller hung up. It says nothing about the site, and nobody is left to read the answer. */
export class CallerGone extends Fault {
  constructor() {
    super('bad-request', 'The connection was closed before the whole body had come.');
    this.name = 'CallerGone';
  }
}

/**
 * Each piece of a stream goes out as one HTTP chunk, and what stands before a service may take no large ones: uwsgi ends an
 * upload with one of more than 1 MiB, and Glance has no other server since 2026.
 * @see unbit/uwsgi:core/uwsgi.c, the option chunked-input-limit
 */
const mostInChunk = 64 * 1024;

const inPieces = (): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length; at += mostInChunk) this.push(chunk.subarray(at, at + mostInChunk));
      done();
    },
  });

/**
 * The same bytes in a stream of their own, no faster than they are taken. A site that answers early (409 to an upload)
 * ends that stream and not the caller's connection: the rest is read and dropped, so that the caller comes to the answer.
 */
export function relay(source: Readable): Readable {
  const copy = inPieces();
  copy.on('error', () => undefined); // whoever reads it listens too; before and after that nobody does
  finished(source, { writable: false }, (error) => {
    if (error) copy.destroy(new CallerGone());
  });
  copy.once('close', () => {
    source.unpipe(copy);
    source.resume();
  });
  source.pipe(copy);
  return copy;
}
