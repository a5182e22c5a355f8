/** Neutron. */
import { networkPolicies } from '../policies/network.js';
import { Fault, type FaultKind } from '../faults.js';
import { json } from '../message.js';
import type { Service } from '../service.js';
import { notAllowed, nothing, type Unrouted } from '../server/unrouted.js';
import { document, self } from '../server/versions.js';

/** Its exception's class, where a fault names none and it is not webob's. */
const types: Partial<Record<FaultKind, string>> = {
  'bad-request': 'BadRequest',
  unauthorized: 'NotAuthenticated',
  forbidden: 'PolicyNotAuthorized',
  conflict: 'Conflict',
  unavailable: 'ServiceUnavailable',
};

// webob's: the words of the status without what stands between them.
const typeOf = ({ kind, title, details }: Fault): string =>
  details.type ?? types[kind] ?? `HTTP${title.replaceAll(' ', '')}`;

const unrouted: Unrouted = {
  ignoresTrailingSlash: true,
  refusesVersions: true,
  noPath: () => new Fault('not-found', nothing),
  // The version document is not Neutron's own; for extensions it has a router that knows GET alone.
  noMethod: (method, _has, path) => {
    if (path === '') return new Fault('method-not-allowed', notAllowed(method), { page: true });
    if (/^\/(extensions\b|quotas\/[^/]+\/details$)/.test(path)) return new Fault('not-found', nothing);
    const words = 'The server could not comply with the request since it is either malformed or otherwise incorrect.';
    return new Fault('method-not-allowed', words);
  },
};

export const neutron: Service = {
  name: 'network',
  takesLastValue: true,
  types: ['network'],
  project: 'neutron',
  catalog: [{ type: 'network', name: 'neutron', path: '' }],
  version: '/v2.0',
  suffix: '.json',
  // @see openstack/neutron-lib:neutron_lib/api/attributes.py verify_attributes
  // ("not supported" is what is said of tags that are added, before `tag-creation`.)
  // Some fields are known to all, and to be written where an extension is.
  unknownFields:
    /^Unrecognized attribute\(s\)|^not supported$|(Attribute '|read-only attribute )(router_id|segment_id|mtu)\b/,
  versionDocument: ({ rest, url }) => {
    if (/[^/]/.test(rest)) return undefined;
    const versions = [{ id: 'v2.0', status: 'CURRENT', links: self(`${url}/v2.0/`) }];
    return document(json(200, { versions }), { getOnly: true });
  },
  policies: {
    names: networkPolicies,
    // @see oslo.policy's PolicyNotAuthorized, which Neutron hands on
    disallowed: (rule) =>
      new Fault('forbidden', `rule:${rule} is disallowed by policy`, { type: 'PolicyNotAuthorized' }),
  },
  unrouted,
  faultBody: (fault) => ({ NeutronError: { type: typeOf(fault), message: fault.message, detail: '' } }),
  noSuchZone: (name) =>
    new Fault('not-found', `AvailabilityZone ${name} could not be found.`, { type: 'AvailabilityZoneNotFound' }),
  atSites: 'needed',
  extensions: '/extensions',
  effects: ['network', 'compute'],
  deletesAtOnce: true,
  makesPorts: true,
};
