/** What Cinder says no with. @see openstack/cinder:cinder/exception.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { looksLikeUuid } from '@cascade/openstack-protocol/compute/nova-schema.js';

export const noSuch = (what: string, id: string): Fault => new Fault('not-found', `${what} ${id} could not be found.`);

export const invalidVolume = (reason: string): Fault => new Fault('bad-request', `Invalid volume: ${reason}`);

export const invalidInput = (reason: string): Fault => new Fault('bad-request', `Invalid input received: ${reason}`);

/** A body that does not pass its schema. */
export const invalidField = (name: string, value: unknown, why: string): Fault => {
  const shown =
    value === null || value === undefined ? 'None' : typeof value === 'string' ? value : JSON.stringify(value);
  return new Fault('bad-request', `Invalid input for field/attribute ${name}. Value: ${shown}. ${why}`);
};

export const required = (name: string): Fault => new Fault('bad-request', `'${name}' is a required property`);

/** 413, as Cinder answers what is beyond a quota. */
export const overQuota = (words: string): Fault => new Fault('too-large', words, { headers: { 'retry-after': '0' } });

export const notAllowed = (rule: string): Fault =>
  new Fault('forbidden', `Policy doesn't allow ${rule} to be performed.`);

export const noSuchAction = (name: string): Fault =>
  new Fault(
    'bad-request',
    `There is no such action: ${name}. Verify the request body and Content-Type header and try again.`,
  );

/** @see openstack/cinder:cinder/volume/volume_types.py get_by_name_or_id */
export const noSuchType = (kind: 'Volume type' | 'Group type', idOrName: string): Fault =>
  noSuch(looksLikeUuid(idOrName) ? kind : `${kind} with name`, idOrName);
