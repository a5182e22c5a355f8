/** What the benchmark asks, of the cascade and of nova-api alike: the same questions over the same servers. */
import { changedAgainFrom, flavorId, imageId, projectId, serverAt, siteName } from './population.js';

export interface BenchRequest {
  readonly name: string;
  /** Below `/v2.1`, with placeholders in braces: see `Sample`. */
  readonly path: string;
  readonly microversion: string;
  /** True: an administrator asks for all projects; false: a member of project `{project}` asks. */
  readonly allTenants: boolean;
}

const list = (name: string, path: string, microversion = '2.1'): BenchRequest[] => [
  { name: `${name}, one tenant`, path, microversion, allTenants: false },
  { name: `${name}, all tenants`, path: withAll(path), microversion, allTenants: true },
];
const withAll = (path: string): string => `${path}${path.includes('?') ? '&' : '?'}all_tenants=1`;

export const lists: readonly BenchRequest[] = [
  ...list('list 1000', '/servers?limit=1000'),
  ...list('list 50', '/servers?limit=50'),
  ...list('detail 1000', '/servers/detail?limit=1000'),
  ...list('detail 1000 (2.93)', '/servers/detail?limit=1000', '2.93'),
];

// Zones are a tenant's to filter by from 2.83 on.
export const filters: readonly BenchRequest[] = [
  ...list('name: one server', '/servers?name={name}'),
  ...list('name: substring', '/servers?name=worker'),
  ...list('name: prefix', '/servers?name=%5Edb-00'),
  ...list('name: expression', '/servers?name=%5E[wa].*-.*7.*7$'), // Nova takes | literally
  ...list('name: nothing', '/servers?name=nosuchname'),
  ...list('status ERROR', '/servers?status=ERROR'),
  ...list('status ACTIVE', '/servers?status=ACTIVE'),
  ...list('flavor', '/servers?flavor={flavor}'),
  ...list('image', '/servers?image={image}'),
  ...list('ip: one server', '/servers?ip={ip}'), // a part of an address, for Nova with any Neutron since Rocky
  ...list('ip: part', '/servers?ip=10.7.1'),
  ...list('availability zone', '/servers?availability_zone={zone}', '2.83'),
  ...list('changes-since', '/servers?changes-since={since}'),
  ...list('status and flavor', '/servers?status=SHUTOFF&flavor={flavor}'),
  ...list('detail: name and status', '/servers/detail?name=web&status=ERROR'),
  {
    name: 'one project of all',
    path: '/servers?all_tenants=1&project_id={project}',
    microversion: '2.1',
    allTenants: true,
  },
];

/** By id; `{server}` is one of `{project}`'s. */
export const one: BenchRequest = { name: 'GET one', path: '/servers/{server}', microversion: '2.1', allTenants: false };

/** The page after `marker` in a walk through all tenants. */
export const page = (marker?: string): BenchRequest => ({
  name: 'page',
  path: `/servers?all_tenants=1&limit=1000${marker === undefined ? '' : `&marker=${marker}`}`,
  microversion: '2.1',
  allTenants: true,
});

export type Sample = Readonly<
  Record<'project' | 'server' | 'name' | 'flavor' | 'image' | 'ip' | 'zone' | 'since', string>
>;

/** What the placeholders stand for, after server `n`: one in the middle is neither the newest nor the oldest. */
export function sampleOf(n: number, zoneOf: (site: number) => string = siteName): Sample {
  const { id, name, project, flavor, image, ip, site } = serverAt(n);
  return {
    project: projectId(project),
    server: id,
    name,
    flavor: flavorId(flavor),
    image: imageId(image),
    ip,
    zone: zoneOf(site),
    since: `${new Date(changedAgainFrom).toISOString().slice(0, 19)}Z`,
  };
}

export const pathOf = ({ path }: BenchRequest, sample: Sample): string =>
  path.replace(/\{([a-z-]+)\}/g, (_, key: string) => encodeURIComponent(sample[key as keyof Sample]));
