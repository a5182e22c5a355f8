/**
 * A request for each row of the tables of microversions that is newer than Zed: it shows what the row changed, to whomever it
 * is sent. `docs/versions.md` marks these rows, `run.ts` sends the requests to real services.
 */

/** What a request is about, as the one who is asked calls it. */
export interface Things {
  readonly server: string;
  readonly volume: string;
  readonly flavor: string;
  readonly flavorName: string;
  /** Of the server. */
  readonly zone: string;
}

export interface Probe {
  readonly service: 'compute' | 'volume';
  /** The row. */
  readonly since: string;
  readonly change: string;
  readonly method: string;
  readonly path: (things: Things) => string;
  readonly body?: (things: Things) => unknown;
  /** What undoes it where it was taken. */
  readonly undo?: { readonly path: (things: Things) => string; readonly untilEmpty: (things: Things) => string };
}

type Rest = Pick<Probe, 'body' | 'undo'>;
const row =
  (service: Probe['service']) =>
  (since: string, change: string, method: string, path: Probe['path'], rest: Rest = {}): Probe => ({
    service,
    since,
    change,
    method,
    path,
    ...rest,
  });
const nova = row('compute');
const cinder = row('volume');

const server = ({ server: id }: Things): string => `/servers/${id}`;
const action = (one: Things): string => `${server(one)}/action`;
const attachments = (one: Things): string => `${server(one)}/os-volume_attachments`;

export const probes: readonly Probe[] = [
  nova('2.94', '`hostname` may have a domain', 'PUT', server, {
    body: () => ({ server: { hostname: 'a.example.org' } }),
  }),
  nova('2.95', 'an evacuated server is stopped', 'POST', action, { body: () => ({ evacuate: {} }) }),
  nova('2.96', 'servers show `pinned_availability_zone`', 'GET', server),
  nova('2.97', 'shares of Manila: `/servers/{id}/shares`', 'GET', (one) => `${server(one)}/shares`),
  nova('2.98', 'the image of a server shows `properties`', 'GET', server),
  nova('2.99', 'consoles of type `spice-direct`', 'POST', (one) => `${server(one)}/remote-consoles`, {
    body: () => ({ remote_console: { protocol: 'spice', type: 'spice-direct' } }),
  }),
  nova('2.100', 'servers show `scheduler_hints`', 'GET', server),
  nova('2.101', 'a volume is attached behind the response, which is empty', 'POST', attachments, {
    body: ({ volume }) => ({ volumeAttachment: { volumeId: volume } }),
    undo: { path: (one) => `${attachments(one)}/${one.volume}`, untilEmpty: attachments },
  }),
  nova(
    '2.102',
    'flavors show no `rxtx_factor` and `OS-FLV-DISABLED:disabled`',
    'GET',
    ({ flavor }) => `/flavors/${flavor}`,
  ),
  nova('2.102', 'a flavor is made without `rxtx_factor`', 'POST', () => '/flavors', {
    body: ({ flavorName }) => ({ flavor: { name: `${flavorName}-2`, ram: 64, vcpus: 1, disk: 1, rxtx_factor: 2 } }),
  }),
  nova('2.102', 'flavors are filtered by `name`', 'GET', ({ flavorName }) => `/flavors?name=${flavorName}`),
  nova('2.102', 'parameters that there are not are refused everywhere', 'GET', (one) => `${server(one)}?colour=red`),
  nova('2.103', 'no more `/os-volumes_boot`', 'GET', () => '/os-volumes_boot'),
  nova('2.104', 'an update takes `pinned_availability_zone`', 'PUT', server, {
    body: ({ zone }) => ({ server: { pinned_availability_zone: zone } }),
  }),
  cinder('3.71', 'Nova tells that a volume is extended', 'POST', ({ volume }) => `/volumes/${volume}/action`, {
    body: () => ({ 'os-extend_volume_completion': { error: false } }),
  }),
];
