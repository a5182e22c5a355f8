/** What Keystone's exceptions say. @see openstack/keystone:keystone/exception.py */
import { Fault } from '../faults.js';

/** @param what as Keystone names it: `user`, `Application Credential` */
export const notFound = (what: string, id: string): Fault => new Fault('not-found', `Could not find ${what}: ${id}.`);

/** A body or header that lacks something. */
export const expected = (attribute: string, target: string): Fault =>
  new Fault(
    'bad-request',
    `Expecting to find ${attribute} in ${target}. The server could not comply with the request since it is either ` +
      'malformed or otherwise incorrect. The client is assumed to be in error.',
  );
