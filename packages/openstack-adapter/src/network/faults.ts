/** Neutron's refusals: a status, its exception's class, and its words. @see openstack/neutron-lib:neutron_lib/exceptions */
import { Fault } from '@cascade/openstack-protocol/faults.js';

/** A value that does not pass its validator. */
export const invalidValue = (name: string, reason: string): Fault =>
  new Fault('bad-request', `Invalid input for ${name}. Reason: ${reason}.`, { type: 'HTTPBadRequest' });

/** A value that does not pass its converter, or a rule of the service. */
export const invalidInput = (reason: string): Fault =>
  new Fault('bad-request', `Invalid input for operation: ${reason}.`, { type: 'InvalidInput' });

export const badRequest = (words: string, type = 'HTTPBadRequest'): Fault => new Fault('bad-request', words, { type });

/** The router plug-in's own. */
export const badRouterRequest = (reason: string): Fault => badRequest(`Bad router request: ${reason}.`, 'BadRequest');

export const conflict = (type: string, words: string): Fault => new Fault('conflict', words, { type });

/** What a request is about does not exist, or the caller may not know of it. */
export class Missing extends Fault {
  constructor(type: string, words: string) {
    super('not-found', words, { type });
    this.name = 'Missing';
  }
}

export const missing = (type: string, words: string): Missing => new Missing(type, words);

/** What a caller sees of things that are not his. */
export const hidden = (): Fault => missing('HTTPNotFound', 'The resource could not be found.');

/** `rule` is the action, or the action with those of its attributes that were refused. */
export const disallowed = (rule: string): Fault =>
  new Fault('forbidden', `${rule} is disallowed by policy`, { type: 'PolicyNotAuthorized' });

export const overQuota = (resource: string): Fault =>
  conflict('OverQuota', `Quota exceeded for resources: ['${resource}'].`);
