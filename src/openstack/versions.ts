/** Version documents, in each service's own form. Clients discover everything from them. */
import { json, type OpenStackResponse } from './message.js';
import type { Service } from './service.js';

const updated = '2013-07-23T11:33:21Z';
const self = (href: string) => [{ rel: 'self', href }];

/**
 * The answer to `GET <service>/` or `GET <service>/v3/`; undefined where the path is no version document.
 * @param rest path below the service's root, e.g. `/`, `/v2.1/`, `/v2.1/{project_id}/`
 * @param url the service's root as the caller sees it
 */
export function versionDocument(service: Service, rest: string, url: string): OpenStackResponse | undefined {
  const path = rest.replace(/\/+$/, '');
  switch (service.name) {
    case 'compute':
      if (path === '') return json(200, { versions: [novaV2(url), novaV21(service, url)] });
      if (/^\/v2\.1(\/[0-9a-f-]{32,36})?$/.test(path))
        return json(200, { version: { ...novaV21(service, url), links: documented(`${url}/v2.1/`), ...mediaTypes } });
      if (/^\/v2(\/[0-9a-f-]{32,36})?$/.test(path)) return json(200, { version: { ...novaV2(url), ...mediaTypes } });
      return undefined;
    case 'volume':
      if (path === '') return json(300, { versions: [cinderV3(service, url)] });
      if (/^\/v3(\/[0-9a-f-]{32,36})?$/.test(path)) return json(200, { versions: [cinderV3(service, url)] });
      return undefined;
    case 'network':
      if (path === '') return json(200, { versions: [{ id: 'v2.0', status: 'CURRENT', links: self(`${url}/v2.0/`) }] });
      return undefined;
    case 'image':
      if (path === '') return json(300, glanceVersions(url));
      if (path === '/versions') return json(200, glanceVersions(url));
      return undefined;
    case 'placement':
      if (path === '') return json(200, { versions: [placementV1(service)] });
      return undefined;
    case 'identity':
      return undefined; // the real Keystone's own, its links rewritten
  }
}

const documented = (href: string) => [
  ...self(href),
  { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' },
];

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

const mediaTypes = {
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' }],
};

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
