/** Keystone's version documents. @see openstack/keystone:keystone/api/discovery.py */
import { json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';

const mediaType = { base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' };

const v3 = (identityUrl: string) => ({
  id: 'v3.14',
  status: 'stable',
  updated: '2020-04-07T00:00:00Z',
  links: [{ rel: 'self', href: `${identityUrl}/v3/` }],
  'media-types': [mediaType],
});

/** @returns undefined where the path is no version document's */
export function versionDocument(path: string, identityUrl: string): OpenStackResponse | undefined {
  const headers = { vary: 'X-Auth-Token' };
  switch (path.replace(/\/+$/, '')) {
    case '':
      return json(300, { versions: { values: [v3(identityUrl)] } }, { ...headers, location: `${identityUrl}/v3/` });
    case '/v3':
      return json(200, { version: v3(identityUrl) }, headers);
    default:
      return undefined;
  }
}
