/** Glance. */
import { imagePolicies } from '../policies/image.js';
import { Fault } from '../faults.js';
import { json } from '../message.js';
import type { Service, VersionsAsked } from '../service.js';
import { methodNotAllowed, nothing } from '../server/unrouted.js';
import { document, redirect, self, type VersionDocument } from '../server/versions.js';

function versionDocument({ rest, url, minors = minorsOfZed }: VersionsAsked): VersionDocument | undefined {
  if (rest.replace(/\/+$/, '') === '/versions') return document(json(200, versions(url, minors)));
  if (rest === '/v2') return document(redirect(`${url}/v2/`), { needsToken: true });
  // Whatever is no version of the API is answered with those that there are.
  return rest.startsWith('/v2/') ? undefined : document(json(300, versions(url, minors)));
}

// One entry a minor version, all with the same link, as Glance 25 (Zed) lists them without multi-store caching.
const minorsOfZed = [
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

/** The latest is the current one, wherever it stands in the list. */
const versions = (url: string, minors: readonly string[]) => ({
  versions: minors.map((minor) => ({
    id: `v${minor}`,
    status: minors.every((other) => number(other) <= number(minor)) ? 'CURRENT' : 'SUPPORTED',
    links: self(`${url}/v2/`),
  })),
});

/** webob's explanation of 401, with which Glance sends away who has no token. */
const unauthorized =
  'This server could not verify that you are authorized to access the document you requested. Either you supplied the ' +
  'wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.';

const number = (minor: string): number => Number(minor.split('.')[1]);

export const glance: Service = {
  name: 'image',
  types: ['image'],
  project: 'glance',
  catalog: [{ type: 'image', name: 'glance', path: '' }],
  version: '/v2',
  versionDocument,
  policies: {
    names: imagePolicies,
    disallowed: (rule) => new Fault('forbidden', `You are not authorized to complete ${rule} action.`),
  },
  unrouted: { noPath: () => new Fault('not-found', nothing), noMethod: (method, has) => methodNotAllowed(method, has) },
  unauthorized,
  atSites: 'needed',
  effects: ['image'],
  deletesAtOnce: true,
};
