/** The OpenStack services this cloud speaks. */
import type { Service, ServiceName } from './service.js';
import { cinder } from './services/cinder.js';
import { glance } from './services/glance.js';
import { keystone } from './services/keystone.js';
import { neutron } from './services/neutron.js';
import { nova } from './services/nova.js';
import { placement } from './services/placement.js';

const byName: Readonly<Record<ServiceName, Service>> = {
  identity: keystone,
  compute: nova,
  volume: cinder,
  network: neutron,
  image: glance,
  placement,
};

export const services: readonly Service[] = Object.values(byName);

/** Every type of a service that this cloud has, aliases and the gone `volumev2` included. @see service-types-authority */
export const serviceTypes: ReadonlySet<string> = new Set([...services.flatMap(({ types }) => types), 'volumev2']);

export const serviceOf = (name: ServiceName): Service => byName[name];

/** The service behind a path such as `/compute/v2.1/servers`, and the rest of the path. */
export function splitServicePath(path: string): { service: Service; rest: string } | undefined {
  const end = path.indexOf('/', 1);
  const word = end < 0 ? path.slice(1) : path.slice(1, end);
  if (!Object.hasOwn(byName, word)) return undefined;
  return { service: byName[word as ServiceName], rest: end < 0 ? '' : path.slice(end) };
}
