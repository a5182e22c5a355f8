/** Refusals in Keystone's words. @see openstack/keystone:keystone/exception.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';

export const invalid = (words: string): Fault => new Fault('bad-request', words);

/** Whatever was wrong with a login or a token, it is said in the same words. */
export const unauthorized = (identityUrl: string): Fault =>
  new Fault('unauthorized', 'The request you have made requires authentication.', {
    headers: { 'www-authenticate': `Keystone uri="${identityUrl}"` },
  });

/** @param action the rule (`identity:create_user`), or a sentence */
export const forbiddenAction = (action: string): Fault =>
  new Fault('forbidden', `You are not authorized to perform the requested action: ${action}.`);

export const forbidden = (words: string): Fault => new Fault('forbidden', words);

export const conflict = (type: string, details: string): Fault =>
  new Fault('conflict', `Conflict occurred attempting to store ${type} - ${details}.`);

export const notBuilt = (what: string): Fault =>
  new Fault('not-implemented', `The built-in identity has no ${what}; a Keystone shared with the sites has them.`);
