/** Nova. */
import { computePolicies } from '../policies/compute.js';
import { notAllowedToPerform } from '../server/refusal-by-policy.js';
import { Fault } from '../faults.js';
import { json } from '../message.js';
import { lastEntry, versionHeaders, type Grammar } from '../microversion-header.js';
import type { Service, VersionsAsked } from '../service.js';
import { document, self, type VersionDocument } from '../server/versions.js';
import { novaSteps } from '../compute/nova-steps.js';
import { namedFault, oneWithPath, outsideRange, strictVersion } from './nova-family.js';

const novaLegacy = 'x-openstack-nova-api-version';

/** @see openstack/nova:nova/api/openstack/wsgi.py Request.set_api_version_request */
const grammar: Grammar = {
  asked: (headers, { header }) => lastEntry(headers, header) ?? headers[novaLegacy]?.split(',').at(-1)?.trim(),
  parse: strictVersion,
  // A refusal says which version it refused.
  outside: (text, range) => outsideRange(text, range, versionHeaders(grammar, range, text)),
  legacyHeader: novaLegacy,
  vary: 'OpenStack-API-Version, X-OpenStack-Nova-API-Version',
};

const updated = '2013-07-23T11:33:21Z';

/** `/v2` is the API as it was before microversions. Below a project there is one for the newer API alone. */
function versionDocument({ rest, url, range }: VersionsAsked): VersionDocument | undefined {
  const path = rest.replace(/\/+$/, '');
  if (path === '') return document(json(200, { versions: [v2(url), v21(range, url)] }));
  if (path === '/v2') return document(json(200, { version: { ...v2(url), ...described(`${url}/v2/`, '2') } }));
  const ofProject = /^\/v2\.1\/[0-9a-f-]+\/$/.test(rest);
  if (path !== '/v2.1' && !ofProject) return undefined;
  const version = { ...v21(range, url), ...described(`${url}/v2.1/`, '2.1') };
  return document(json(200, { version }), { microversioned: true, needsToken: ofProject, getOnly: ofProject });
}

const described = (href: string, version: string) => ({
  links: [...self(href), { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' }],
  'media-types': [{ base: 'application/json', type: `application/vnd.openstack.compute+json;version=${version}` }],
});

const v21 = (range: VersionsAsked['range'], url: string) => ({
  id: 'v2.1',
  status: 'CURRENT',
  version: range?.max,
  min_version: range?.min,
  updated,
  links: self(`${url}/v2.1/`),
});

const v2 = (url: string) => ({
  id: 'v2.0',
  status: 'SUPPORTED',
  version: '',
  min_version: '',
  updated: '2011-01-21T11:33:21Z',
  links: self(`${url}/v2/`),
});

export const nova: Service = {
  name: 'compute',
  takesLastValue: true,
  types: ['compute'],
  project: 'nova',
  catalog: [{ type: 'compute', name: 'nova', path: '/v2.1' }],
  version: '/v2.1',
  legacyVersions: ['/v2'],
  projectInPath: {
    isNeeded: () => false,
    // @see openstack/nova:nova/api/openstack/wsgi.py Resource._process_stack
    mismatch: (inPath, ofCaller) =>
      `Malformed request URL: URL's project_id '${inPath}' doesn't match Context's project_id '${ofCaller}'`,
  },
  microversions: { header: 'compute', min: '2.1', max: '2.104', recommended: '2.53', grammar },
  steps: novaSteps,
  versionDocument,
  policies: { names: computePolicies, disallowed: notAllowedToPerform },
  unrouted: oneWithPath,
  faultBody: namedFault,
  requestIdHeader: 'x-compute-request-id',
  noSuchZone: () => new Fault('bad-request', 'The requested availability zone is not available'),
  atSites: 'needed',
  trialList: { of: 'servers', path: '/servers', everyProject: 'all_tenants=1' },
  // It makes ports, attaches volumes and uploads snapshots.
  effects: ['compute', 'network', 'volume', 'image'],
  makesPorts: true,
};
