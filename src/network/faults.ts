/** Neutron's own words for what lists refuse. Clients look at the type. */
import { Fault } from '@cascade/openstack-protocol/faults.js';

/** neutron_lib's InvalidInput. */
export const invalidInput = (reason: string): Fault =>
  new Fault('bad-request', `Invalid input for operation: ${reason}.`, { type: 'InvalidInput' });

/** webob's HTTPBadRequest, for the query string itself. */
export const badQuery = (words: string): Fault => new Fault('bad-request', words, { type: 'HTTPBadRequest' });

const notFoundTypes: Readonly<Record<string, readonly [type: string, words: (id: string) => string]>> = {
  network: ['NetworkNotFound', (id) => `Network ${id} could not be found.`],
  subnet: ['SubnetNotFound', (id) => `Subnet ${id} could not be found.`],
  port: ['PortNotFound', (id) => `Port ${id} could not be found.`],
  router: ['RouterNotFound', (id) => `Router ${id} could not be found`],
  floating_ip: ['FloatingIPNotFound', (id) => `Floating IP ${id} could not be found`],
  security_group: ['SecurityGroupNotFound', (id) => `Security group ${id} does not exist`],
  address_group: ['AddressGroupNotFound', (id) => `Address group ${id} could not be found.`],
  security_group_rule: ['SecurityGroupRuleNotFound', (id) => `Security group rule ${id} does not exist`],
};

/** What Neutron says of an id it does not have. */
export function noSuch(kind: string, id: string): Fault {
  const [type, words] = notFoundTypes[kind] ?? ['HTTPNotFound', () => 'The resource could not be found.'];
  return new Fault('not-found', words(id), { type });
}
