/** A caller's bytes on their way to a site. */
import { finished, PassThrough, type Readable } from 'node:stream';
import { Fault } from '../faults.js';

/** The caller hung up. It says nothing about the site, and nobody is left to read the answer. */
export class CallerGone extends Fault {
  constructor() {
    super('bad-request', 'The connection was closed before the whole body had come.');
    this.name = 'CallerGone';
  }
}

/**
 * The same bytes in a stream of their own, no faster than they are taken. A site that answers early (409 to an upload)
 * ends that stream and not the caller's connection: the rest is read and dropped, so that the caller comes to the answer.
 */
export function relay(source: Readable): Readable {
  const copy = new PassThrough();
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
