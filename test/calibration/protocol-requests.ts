/**
 * Requests by which services differ before any resource is looked at: microversion headers, methods, HEAD, paths that are
 * not there, with and without a token. `protocol.jsonl` holds what a real cloud of release Zed answered.
 */
import { request as httpRequest } from 'node:http';
import type { Service } from './conversation.js';

export interface ProtocolRequest {
  readonly service: Service;
  /** `{project}` stands for the caller's. */
  readonly call: string;
  /** As lines of the request; a name may come twice. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly anonymous?: true;
}

export interface ProtocolAnswer extends ProtocolRequest {
  readonly status: number;
  readonly answered: Readonly<Record<string, string>>;
  /** Of refusals, without what differs from one to the next. */
  readonly text?: string;
}

const standard = 'OpenStack-API-Version';
const legacy = 'X-OpenStack-Nova-API-Version';

/** What clients might write behind the name of a service. */
const versions = (word: string, major: number, newest: string): string[] => [
  ...[`${major}.27`, `${major}.1`, `${major}.0`, newest, 'latest'].map((version) => `${word} ${version}`),
  ...['LATEST', 'Latest', `${major}`, `${major}.`, '.5', `0${major}.7`, `${major}.07`, `-${major}.1`, `+${major}.1`].map(
    (version) => `${word} ${version}`,
  ),
  ...[`${major}.1_0`, `${major}.2.3`, `${major}.2 3`, `${major}. 2`, `${major}.99`, `${major + 1}.1`, '12.0', '31.0'].map(
    (version) => `${word} ${version}`,
  ),
  ...['0.9', 'x', 'new', `${major}.7;q=1`, `${major}.7 latest`, '{id}', `${major}.'7`].map((version) => `${word} ${version}`),
  `${word}`,
  `${word} `,
  `${word}   ${major}.7`,
  `${word}\t${major}.7`,
  `  ${word} ${major}.7  `,
  `${word}=${major}.7`,
  `${word}: ${major}.7`,
  `${word}/${major}.7`,
  `${major}.7`,
  'latest',
  '',
  ',',
  `,${word} ${major}.7,`,
  `${word.toUpperCase()} ${major}.7`,
  `${word[0]!.toUpperCase()}${word.slice(1)} ${major}.7`,
  `${word}v3 ${major}.27`,
  `my${word} ${major}.7`,
  `${word} ${major}.5,${word} ${major}.7`,
  `${word} ${major}.7, ${word} ${major}.5`,
  `${word} ${major}.7, ${word}`,
  `${word}, ${word} ${major}.7`,
  `${word} ${major}.7, ${word} latest`,
  `${word} ${major}.99, ${word} ${major}.7`,
  `other 9.9, ${word} ${major}.7`,
  `${word} ${major}.7, other 9.9`,
  'other 9.9',
  'identity 3.1',
  'compute 2.5, volume 3.5, placement 1.5, network 2.0, image 2.7',
]; // prettier-ignore

const others: Readonly<Record<string, readonly string[]>> = {
  compute: ['nova 2.7', 'compute_legacy 2.7'],
  volume: ['block-storage 3.27', 'cinder 3.7', 'volumev2 3.7', 'volumev3 latest', 'volumev3 3.99', 'volumev3'],
  placement: ['resource 1.7'],
  network: ['network 2.0', 'network x', 'network latest'],
  image: ['image 2.7', 'image x', 'image latest'],
  identity: ['identity 3.7', 'identity x', 'identity latest'],
};

const probe: Readonly<Record<Service, string>> = {
  compute: '/v2.1/limits',
  volume: '/v3/{project}/limits',
  placement: '/resource_providers?name=none',
  network: '/v2.0/networks?name=none',
  image: '/v2/images?name=none',
  identity: '/v3/auth/projects',
};

const ofHeaders = (service: Service): ProtocolRequest[] =>
  [
    ...(service === 'compute' ? versions('compute', 2, '2.93') : []),
    ...(service === 'volume' ? versions('volume', 3, '3.70') : []),
    ...(service === 'placement' ? versions('placement', 1, '1.39') : []),
    ...(others[service] ?? []),
  ].map((value) => ({ service, call: `GET ${probe[service]}`, headers: [[standard, value]] }));

const limits = `GET ${probe.compute}`;
const ofLines: ProtocolRequest[] = [
  { service: 'compute', call: limits, headers: [[standard, 'compute 2.5'], [standard, 'compute 2.7']] },
  { service: 'compute', call: limits, headers: [[standard, 'volume 3.5'], [standard, 'compute 2.7']] },
  { service: 'volume', call: `GET ${probe.volume}`, headers: [[standard, 'compute 2.5'], [standard, 'volume 3.7']] },
  { service: 'placement', call: `GET ${probe.placement}`, headers: [[standard, 'placement 1.5'], [standard, 'placement 1.7']] },
  ...['2.27', 'latest', 'LATEST', '2.99', '2.1, 2.5', '2.5,', 'compute 2.5', '', 'x', '02.5', '2.0'].map(
    (version): ProtocolRequest => ({ service: 'compute', call: limits, headers: [[legacy, version]] }),
  ),
  { service: 'compute', call: limits, headers: [[legacy, '2.5'], [legacy, '2.7']] },
  { service: 'compute', call: limits, headers: [[legacy, '2.5'], [standard, 'compute 2.7']] },
  { service: 'compute', call: limits, headers: [[legacy, '2.5'], [standard, 'compute']] },
  { service: 'compute', call: limits, headers: [[legacy, '2.5'], [standard, 'volume 3.5']] },
  { service: 'volume', call: `GET ${probe.volume}`, headers: [[legacy, '3.5']] },
  { service: 'volume', call: `GET ${probe.volume}`, headers: [['OpenStack-Volume-API-Version', '3.5']] },
  { service: 'placement', call: `GET ${probe.placement}`, headers: [[legacy, '1.5']] },
]; // prettier-ignore

/** A header that is refused, one that is outside the range, and a good one, on paths that differ in what comes first. */
const ofPaths: ProtocolRequest[] = (
  [
    ['compute', 2, ['/', '/v2/', '/v2.1', '/v2.1/', '/v2.1/{project}/', '/v2/limits', '/v2.1/nothing', `/v2.1/${'f'.repeat(32)}/limits`, '/v2.1/images', '/v2.1/flavors/none', '/v2/flavors/none', '/v9/']],
    ['volume', 3, ['/', '/v3', '/v3/', '/v3/{project}/', '/v3/{project}/nothing', `/v3/${'f'.repeat(32)}/limits`, '/v3/{project}/volumes/none', '/v3/{project}/attachments', '/v2/']],
    ['placement', 1, ['/', '/nothing', '/traits', '/resource_providers/00000000-0000-0000-0000-000000000000', '/usages']],
  ] as const
).flatMap(([service, major, paths]) =>
  paths.flatMap((path) =>
    ['x', `${major}.99`, `${major}.36`].map(
      (version): ProtocolRequest => ({ service, call: `GET ${path}`, headers: [[standard, `${service} ${version}`]] }),
    ),
  ),
); // prettier-ignore

const paths: Readonly<Record<Service, readonly string[]>> = {
  compute: ['/', '/v2/', '/v2.1', '/v2.1/', '/v2.1/{project}/', '/v2.1/{project}', '/v2.1/servers', '/v2.1/servers/none', '/v2.1/servers/none/ips', '/v2.1/flavors/detail', '/v2.1/limits', '/v2.1/os-quota-sets/{project}', '/v2.1/nothing', '/v2.1/servers/', '/v2.1/{project}/flavors', '/v2/servers'],
  volume: ['/', '/v3', '/v3/', '/v3/{project}', '/v3/{project}/', '/v3/{project}/volumes', '/v3/{project}/volumes/none', '/v3/{project}/types', '/v3/{project}/limits', '/v3/{project}/nothing', '/v3/{project}/volumes/'],
  network: ['/', '/v2.0/', '/v2.0/networks', '/v2.0/networks/none', '/v2.0/ports/none', '/v2.0/agents', '/v2.0/qos/policies', '/v2.0/security-groups', '/v2.0/quotas', '/v2.0/quotas/{project}', '/v2.0/quotas/{project}/default', '/v2.0/quotas/{project}/details', '/v2.0/networks/none/tags', '/v2.0/extensions', '/v2.0/extensions/router', '/v2.0/availability_zones', '/v2.0/nothing', '/v2.0/networks.json', '/v1'],
  image: ['/', '/versions', '/v2', '/v2/', '/v2/images', '/v2/images/none', '/v2/images/none/file', '/v2/images/none/members', '/v2/images/none/import', '/v2/schemas/image', '/v2/info/import', '/v2/tasks', '/v2/metadefs/namespaces', '/v2/nothing', '/v2/images/'],
  placement: ['/', '/resource_providers', '/traits', '/usages', '/nothing', '/traits/'],
  identity: ['/', '/v3', '/v3/', '/v3/users', '/v3/projects', '/v3/auth/catalog', '/v3/regions', '/v3/nothing'],
}; // prettier-ignore

const services = Object.keys(paths) as Service[];

const ofMethods = services.flatMap((service) =>
  paths[service].flatMap((path) => [
    { service, call: `HEAD ${path}` } as const,
    { service, call: `HEAD ${path}`, anonymous: true } as const,
    { service, call: `GET ${path}`, anonymous: true } as const,
    // The lab's uwsgi hangs up on a PATCH of Keystone's.
    ...(service === 'identity' ? [] : [{ service, call: `PATCH ${path}` } as const]),
  ]),
);

const ofUnknownPaths = services.flatMap((service): ProtocolRequest[] => {
  const unknown = paths[service].find((path) => path.endsWith('nothing'))!;
  return ['application/json', 'text/html', '*/*'].map((accept) => ({
    service,
    call: `GET ${unknown}`,
    headers: [['accept', accept]],
  }));
});

export const protocolRequests: readonly ProtocolRequest[] = [
  ...services.flatMap(ofHeaders),
  ...ofLines,
  ...ofPaths,
  ...ofMethods,
  ...ofUnknownPaths,
];

export interface ProtocolCloud {
  readonly token: string;
  readonly project: string;
  /** Roots of the services, without versions. */
  readonly roots: Readonly<Record<Service, string>>;
}

const keptHeaders = [
  'content-type',
  'openstack-api-version',
  'x-openstack-nova-api-version',
  'vary',
  'allow',
  'location',
];

/** Asks once, as the lines say. */
export function askProtocol(cloud: ProtocolCloud, asked: ProtocolRequest): Promise<ProtocolAnswer> {
  const [method = 'GET', path = '/'] = asked.call.split(' ');
  const url = new URL(cloud.roots[asked.service] + path.replaceAll('{project}', cloud.project));
  const lines: Record<string, string | string[]> = asked.anonymous ? {} : { 'x-auth-token': cloud.token };
  if (method === 'PATCH') lines['content-length'] = '0';
  for (const [name, value] of asked.headers ?? []) {
    lines[name] = lines[name] === undefined ? value : [lines[name], value].flat();
  }
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers: lines, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const answered: Record<string, string> = {};
        for (const name of keptHeaders) {
          const value = [response.headers[name] ?? []].flat().join(', ');
          if (value !== '') answered[name] = withoutOwn(value, cloud);
        }
        const status = response.statusCode ?? 0;
        const text = withoutOwn(Buffer.concat(pieces).toString(), cloud);
        resolve({ ...asked, status, answered, ...(status >= 400 && method !== 'HEAD' ? { text } : {}) });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

const withoutOwn = (text: string, { project, roots }: ProtocolCloud): string =>
  Object.entries(roots).reduce(
    (left, [service, root]) => left.replaceAll(root, `http://${service}`),
    text.replaceAll(project, '{project}').replace(/req-[0-9a-f-]{36}/g, 'req-id'),
  );
