/**
 * Headers of a tenant's request that a site is to see. Found by reading what the services take out of requests: nova, cinder,
 * glance, neutron and placement, and keystonemiddleware and oslo.middleware in front of them.
 */
import type { Headers } from '@cascade/openstack-protocol/message.js';

/** Each with who reads it, and what for. */
const forwarded: Readonly<Record<string, string>> = {
  accept: 'all: JSON, or a page (Glance, Placement)',
  'accept-language': 'nova, cinder, glance, neutron: the language of messages (oslo.i18n)',
  'content-type': 'all: the form of the body; Glance tells JSON patches by it',
  'content-length': 'all; Glance and its stores: how many bytes come',
  'if-match': 'neutron: revision_number=N; cinder: a checksum of metadata',
  'if-none-match': 'placement (webob): conditional reads',
  range: 'glance: a part of an image',
  'content-range': 'glance: the same, as old clients ask for it',
  'user-agent': 'all: written to the log',
  'x-image-meta-store': 'glance: the store that takes the bytes',
  'x-openstack-image-size': 'glance: how many bytes will come in an upload of unknown length',
  'x-openstack-image-store-ids': 'glance: stores of an image',
  'x-image-cache-clear-target': 'glance: which cache to clear',
  'x-service-token':
    "keystonemiddleware: the service that asks in a user's name; Keystone is asked about it, as about any token",
};

/**
 * What services read as well and is not handed on.
 * - `x-auth-token`, `openstack-api-version`, `x-openstack-nova-api-version`, `x-openstack-request-id`: the site gets its own.
 * - `x-user-id`, `x-roles` and their like, `x-identity-status`, `x-service-catalog`: what keystonemiddleware tells a
 *   service; the front door drops them.
 * - `x-forwarded-*`, `forwarded`, `host`: they lead to the cascade and make the links of a site's answer.
 * - `accept-encoding`, `te`, `connection`, `transfer-encoding`: of one connection, not of the request.
 * - `origin`, `access-control-*`, `cookie`: what a browser tells the host it talks with, which is the cascade.
 * - `x-instance-id`, `x-tenant-id`, `x-neutron-*`, `x-metadata-provider*`: of the metadata service, for guests.
 */
export function forwardedHeaders(asked: Headers): Headers {
  const headers: Headers = {};
  for (const name of Object.keys(forwarded)) {
    const value = asked[name];
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}
