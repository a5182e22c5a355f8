/** Cinder. */
import { volumePolicies } from '../policies/volume.js';
import { notAllowedToPerform } from '../server/refusal-by-policy.js';
import { isObject, tryJson } from '../server/body.js';
import { Fault } from '../faults.js';
import { json } from '../message.js';
import { malformed, standard, versionHeaders, type Grammar } from '../microversion-header.js';
import type { Service, VersionsAsked } from '../service.js';
import { document, redirect, type VersionDocument } from '../server/versions.js';
import { cinderSteps } from '../volume/cinder-steps.js';
import { namedFault, oneWithPath, outsideRange, strictVersion } from './nova-family.js';

/**
 * Cinder looks for the letters of its service anywhere in an entry, so that `volumev3 3.27` is one; the first counts. A
 * header that names no volume service at all is refused, and so is an entry that is no pair, with which the real one fails (500).
 * @see openstack/cinder:cinder/api/openstack/wsgi.py Request.set_api_version_request
 */
const grammar: Grammar = {
  asked(headers, { header }) {
    const text = headers[standard];
    if (text === undefined) return undefined;
    const entry = text.split(',').find((candidate) => candidate.includes(header));
    const words = entry?.trim().split(/\s+/);
    if (words?.length !== 2) throw new Fault('bad-request', malformed);
    return words[1];
  },
  parse: strictVersion,
  // Versions that contain those of the endpoints it once had are not repeated: `_is_legacy_endpoint`.
  outside: (text, range) => outsideRange(text, range, /[12]\.0/.test(text) ? {} : versionHeaders(grammar, range, text)),
  vary: 'OpenStack-API-Version',
};

function versionDocument(asked: VersionsAsked): VersionDocument | undefined {
  const { rest, url } = asked;
  const path = rest.replace(/\/+$/, '');
  const versions = { versions: [v3(asked)] };
  if (path === '') return document(json(300, versions), { microversioned: true });
  if (path !== '/v3') return undefined;
  const found = rest === '/v3' ? redirect(`${url}/v3/`) : json(200, versions);
  return document(found, { microversioned: rest !== '/v3', needsToken: true });
}

const v3 = ({ range, url }: VersionsAsked) => ({
  id: 'v3.0',
  status: 'CURRENT',
  version: range?.max,
  min_version: range?.min,
  updated: '2022-08-31T00:00:00Z',
  links: [
    { rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' },
    { rel: 'self', href: `${url}/v3/` },
  ],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
});

/**
 * It takes an attachment out of use for a service, which it would leave to a tenant's server.
 * @see openstack/cinder:cinder/volume/api.py attachment_deletion_allowed
 */
const differsFromService: Service['differsFromService'] = ({ method, path, body }) => {
  if (method === 'DELETE') return path.startsWith('/attachments/');
  const action = path.endsWith('/action') && Buffer.isBuffer(body) ? tryJson(body) : undefined;
  return isObject(action) && ['os-detach', 'os-terminate_connection'].some((name) => Object.hasOwn(action, name));
};

export const cinder: Service = {
  name: 'volume',
  types: ['block-storage', 'volumev3', 'volume', 'block-store'],
  project: 'cinder',
  catalog: [
    // Older clients look for `volumev3` alone.
    { type: 'volumev3', name: 'cinderv3', path: '/v3', endsInProject: true },
    { type: 'block-storage', name: 'cinder', path: '/v3', endsInProject: true },
  ],
  version: '/v3',
  projectInPath: {
    // In every path but those of default types, which belong to no project.
    isNeeded: (path) => !path.startsWith('/default-types'),
    // @see openstack/cinder:cinder/api/openstack/wsgi.py Resource._process_stack
    mismatch: () => 'Malformed request url',
  },
  microversions: { header: 'volume', min: '3.0', max: '3.71', recommended: '3.27', grammar },
  steps: cinderSteps,
  versionDocument,
  policies: { names: volumePolicies, disallowed: notAllowedToPerform },
  unrouted: { ...oneWithPath, refusesVersions: true },
  faultBody: namedFault,
  noSuchZone: (name) => new Fault('bad-request', `Availability zone '${name}' is invalid.`),
  atSites: 'optional',
  warnsIfMissing: 'The catalog has no block-storage service: no volumes in this zone.',
  effects: ['volume', 'image', 'compute'],
  differsFromService,
};
