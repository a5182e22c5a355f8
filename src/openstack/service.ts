/** The OpenStack services this cloud speaks, and what differs between them as data. */

export type ServiceName = 'identity' | 'compute' | 'volume' | 'network' | 'image' | 'placement';

export interface Service {
  readonly name: ServiceName;
  /** Official service type first, then the aliases under which clients look it up. @see service-types-authority */
  readonly types: readonly string[];
  /** The project's name, as catalogs show it (`nova`). */
  readonly project: string;
  /** Version prefix of every API call below the service's root (`/v2.1`); '' where there is none. */
  readonly version: string;
  /** Prefixes of the same API without microversions (Nova's `/v2`). */
  readonly legacyVersions?: readonly string[];
  /** True where clients may (Nova) or do (Cinder) put a project id behind the version. */
  readonly projectInPath: boolean;
  /** What clients may put behind any path without a meaning (`/networks.json`). */
  readonly suffix?: string;
  /** Microversion header's service word and the range this program can honour. */
  readonly microversions?: { readonly header: string; readonly min: string; readonly max: string };
}

const services = {
  identity: { name: 'identity', types: ['identity'], project: 'keystone', version: '/v3', projectInPath: false },
  compute: {
    name: 'compute',
    types: ['compute'],
    project: 'nova',
    version: '/v2.1',
    legacyVersions: ['/v2'],
    projectInPath: true,
    microversions: { header: 'compute', min: '2.1', max: '2.93' },
  },
  volume: {
    name: 'volume',
    types: ['block-storage', 'volumev3', 'volume', 'block-store'],
    project: 'cinder',
    version: '/v3',
    projectInPath: true,
    microversions: { header: 'volume', min: '3.0', max: '3.70' },
  },
  network: {
    name: 'network',
    types: ['network'],
    project: 'neutron',
    version: '/v2.0',
    projectInPath: false,
    suffix: '.json',
  },
  image: { name: 'image', types: ['image'], project: 'glance', version: '/v2', projectInPath: false },
  placement: {
    name: 'placement',
    types: ['placement'],
    project: 'placement',
    version: '',
    projectInPath: false,
    microversions: { header: 'placement', min: '1.0', max: '1.39' },
  },
} as const satisfies Record<ServiceName, Service>;

/** Every type of a service that this cloud has, aliases and the gone `volumev2` included. @see service-types-authority */
export const serviceTypes: ReadonlySet<string> = new Set([
  ...Object.values(services).flatMap(({ types }): readonly string[] => types),
  'volumev2',
]);

export const serviceOf = (name: ServiceName): Service => services[name];

/** The service behind a path such as `/compute/v2.1/servers`, and the rest of the path. */
export function splitServicePath(path: string): { service: Service; rest: string } | undefined {
  const end = path.indexOf('/', 1);
  const word = end < 0 ? path.slice(1) : path.slice(1, end);
  if (!Object.hasOwn(services, word)) return undefined;
  return { service: services[word as ServiceName], rest: end < 0 ? '' : path.slice(end) };
}
