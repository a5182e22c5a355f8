/** Version documents, in each service's own form. Clients discover everything from them. */
import { json, type OpenStackResponse } from './message.js';
import type { Service } from './service.js';

const updated = '2013-07-23T11:33:21Z';
const self = (href: string) => [{ rel: 'self', href }];

/** A version document, and what has to be true before it is shown. */
export interface VersionDocument {
  readonly response: OpenStackResponse;
  /** False where the document is not under the microversions it tells of. */
  readonly microversioned: boolean;
  /** Documents below a service's token check are 401 without one, like everything there. */
  readonly needsToken: boolean;
  /** Nova, Cinder and Glance do not look at the method. */
  readonly getOnly: boolean;
}

const document = (response: OpenStackResponse, more: Partial<VersionDocument> = {}): VersionDocument => ({
  response,
  microversioned: false,
  needsToken: false,
  getOnly: false,
  ...more,
});

/**
 * The answer to `GET <service>/` or `GET <service>/v3/`; undefined where the path is no version document.
 * @param rest path below the service's root, e.g. `/`, `/v2.1/`, `/v2.1/{project_id}/`
 * @param url the service's root as the caller sees it
 */
export function versionDocument(service: Service, rest: string, url: string): VersionDocument | undefined {
  const path = rest.replace(/\/+$/, '');
  switch (service.name) {
    case 'compute':
      return novaDocument(service, rest, url);
    case 'volume': {
      const versions = { versions: [cinderV3(service, url)] };
      if (path === '') return document(json(300, versions), { microversioned: true });
      if (path !== '/v3') return undefined;
      const found = rest === '/v3' ? redirect(`${url}/v3/`) : json(200, versions);
      return document(found, { microversioned: rest !== '/v3', needsToken: true });
    }
    case 'network':
      if (path !== '') return undefined;
      return document(json(200, { versions: [{ id: 'v2.0', status: 'CURRENT', links: self(`${url}/v2.0/`) }] }), {
        getOnly: true,
      });
    case 'image':
      if (path === '/versions') return document(json(200, glanceVersions(url)));
      if (rest === '/v2') return document(redirect(`${url}/v2/`), { needsToken: true });
      // Whatever is no version of the API is answered with those that there are.
      return rest.startsWith('/v2/') ? undefined : document(json(300, glanceVersions(url)));
    case 'placement':
      if (path !== '') return undefined;
      return document(json(200, { versions: [placementV1(service)] }), { microversioned: true, getOnly: true });
    case 'identity':
      return undefined; // the real Keystone's own, its links rewritten
  }
}

/** `/v2` is the API as it was before microversions. Below a project there is one for the newer API alone. */
function novaDocument(service: Service, rest: string, url: string): VersionDocument | undefined {
  const path = rest.replace(/\/+$/, '');
  if (path === '') return document(json(200, { versions: [novaV2(url), novaV21(service, url)] }));
  if (path === '/v2') return document(json(200, { version: { ...novaV2(url), ...described(`${url}/v2/`, '2') } }));
  const ofProject = /^\/v2\.1\/[0-9a-f-]+\/$/.test(rest);
  if (path !== '/v2.1' && !ofProject) return undefined;
  const version = { ...novaV21(service, url), ...described(`${url}/v2.1/`, '2.1') };
  return document(json(200, { version }), { microversioned: true, needsToken: ofProject, getOnly: ofProject });
}

const redirect = (location: string): OpenStackResponse => ({
  status: 302,
  headers: { location, 'content-type': 'text/plain; charset=utf8' },
  body: Buffer.alloc(0),
});

const described = (href: string, version: string) => ({
  links: [...self(href), { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' }],
  'media-types': [{ base: 'application/json', type: `application/vnd.openstack.compute+json;version=${version}` }],
});

const novaV21 = (service: Service, url: string) => ({
  id: 'v2.1',
  status: 'CURRENT',
  version: service.microversions?.max,
  min_version: service.microversions?.min,
  updated,
  links: self(`${url}/v2.1/`),
});

const novaV2 = (url: string) => ({
  id: 'v2.0',
  status: 'SUPPORTED',
  version: '',
  min_version: '',
  updated: '2011-01-21T11:33:21Z',
  links: self(`${url}/v2/`),
});

const cinderV3 = (service: Service, url: string) => ({
  id: 'v3.0',
  status: 'CURRENT',
  version: service.microversions?.max,
  min_version: service.microversions?.min,
  updated: '2022-08-31T00:00:00Z',
  links: [
    { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
    { rel: 'self', href: `${url}/v3/` },
  ],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
});

// One entry a minor version, all with the same link, as Glance 25 (Zed) lists them without multi-store caching.
const glanceMinors = [
  '2.15',
  '2.13',
  '2.12',
  '2.11',
  '2.10',
  '2.9',
  '2.8',
  '2.7',
  '2.6',
  '2.5',
  '2.4',
  '2.3',
  '2.2',
  '2.1',
  '2.0',
];

const glanceVersions = (url: string) => ({
  versions: glanceMinors.map((minor, at) => ({
    id: `v${minor}`,
    status: at === 0 ? 'CURRENT' : 'SUPPORTED',
    links: self(`${url}/v2/`),
  })),
});

const placementV1 = (service: Service) => ({
  id: 'v1.0',
  min_version: service.microversions?.min,
  max_version: service.microversions?.max,
  status: 'CURRENT',
  links: self(''),
});
