/** A stored server as Nova shows it at a microversion, to a tenant or to an administrator. */
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Body } from '../../resources/kind.js';
import type { NamedFlavors } from './named-flavors.js';
import { wholly } from './server-lines.js';

/** First microversion that shows a field. @see openstack/nova:nova/api/openstack/compute/rest_api_version_history.rst */
const since: Record<string, string> = {
  'OS-EXT-SRV-ATTR:hostname': '2.3',
  'OS-EXT-SRV-ATTR:reservation_id': '2.3',
  'OS-EXT-SRV-ATTR:launch_index': '2.3',
  'OS-EXT-SRV-ATTR:kernel_id': '2.3',
  'OS-EXT-SRV-ATTR:ramdisk_id': '2.3',
  'OS-EXT-SRV-ATTR:root_device_name': '2.3',
  'OS-EXT-SRV-ATTR:user_data': '2.3',
  locked: '2.9',
  host_status: '2.16',
  description: '2.19',
  tags: '2.26',
  trusted_image_certificates: '2.63',
  locked_reason: '2.73',
  scheduler_hints: '2.100',
};

const zone = 'OS-EXT-AZ:availability_zone';

const link = (rel: string, href: string) => ({ rel, href });

export function serverLinks(asked: Asked, id: string) {
  return [
    link('self', `${asked.serviceUrl}/v2.1/servers/${id}`),
    link('bookmark', `${asked.serviceUrl}/servers/${id}`),
  ];
}

/** True where `GET /servers/detail` shows a field. */
export function isShown(asked: Asked, field: string): boolean {
  // Only a single server shows its groups; the list never does. Links are the cascade's own, and so is what a server is pinned to.
  if (field === 'server_groups' || field === 'links' || field === 'pinned_availability_zone') return false;
  const floor = since[field];
  if (floor && !atLeast(asked.microversion, floor)) return false;
  return asked.caller.isAdmin || !isAdminOnly(field, asked);
}

/**
 * How a field is shown that is not shown as it is kept; undefined where it is. An absent field may be shown too.
 * @param created of the server, without which a name that was given twice may stand for the other flavor
 */
export function reshaped(
  asked: Asked,
  field: string,
  flavors: NamedFlavors,
  created?: unknown,
): ((kept: unknown) => unknown) | undefined {
  if (field === 'image') return (image) => imageOf(asked, image);
  if (field === 'flavor' && !atLeast(asked.microversion, '2.47'))
    return (flavor) => flavorBefore247(asked, flavor, flavors, created);
  // A site that is older than 2.47 tells the id alone.
  if (field === 'flavor' && flavors.inBodies) return (flavor) => flavors.embedded(flavor) ?? flavor;
  if (field === 'os-extended-volumes:volumes_attached' && !atLeast(asked.microversion, '2.3')) return volumeIds;
  return undefined;
}

const mayBeReshaped = ['image', 'flavor', 'os-extended-volumes:volumes_attached'];

/** The field that holds the same: a server never leaves its zone, whatever its site would do with it. */
export const shownAgain = (asked: Asked, field: string): string | undefined =>
  field === zone && atLeast(asked.microversion, '2.96') ? 'pinned_availability_zone' : undefined;

/** One of `GET /servers/detail`. */
export function detailedServer(asked: Asked, body: Body, flavors: NamedFlavors): Body {
  const shown: Body = {};
  for (const [field, value] of Object.entries(wholly(body))) if (isShown(asked, field)) shown[field] = value;
  for (const field of mayBeReshaped) {
    const reshape = isShown(asked, field) ? reshaped(asked, field, flavors, body['created']) : undefined;
    if (reshape) shown[field] = reshape(shown[field]);
  }
  const pinned = shownAgain(asked, zone);
  if (pinned) shown[pinned] = body[zone];
  return { ...shown, links: serverLinks(asked, String(body['id'])) };
}

/** True where a silent site's servers are shown as unknown, not as they were last seen. */
export const showsUnknown = (asked: Asked): boolean => atLeast(asked.microversion, '2.69');

/**
 * What is left of a server whose site is silent, from 2.69 on.
 * @see openstack/nova:api-guide/source/down_cells.rst
 */
export const unknownServer = (asked: Asked, { id, tenant_id, created }: Body): Body => ({
  id,
  tenant_id,
  created,
  status: 'UNKNOWN',
  links: serverLinks(asked, String(id)),
});

/** The same for `GET /servers/{id}`. */
export const unknownServerShown = (asked: Asked, body: Body): Body => ({
  ...unknownServer(asked, body),
  user_id: body['user_id'],
  image: imageOf(asked, body['image']),
  flavor: body['flavor'],
  'OS-EXT-AZ:availability_zone': body['OS-EXT-AZ:availability_zone'],
  'OS-EXT-STS:power_state': 0,
  server_groups: body['server_groups'] ?? [],
});

function isAdminOnly(field: string, asked: Asked): boolean {
  if (field === 'host_status') return true;
  if (field === 'OS-EXT-SRV-ATTR:hostname') return !atLeast(asked.microversion, '2.90');
  return field.startsWith('OS-EXT-SRV-ATTR:');
}

function imageOf(asked: Asked, image: unknown): unknown {
  const { id, properties = {} } = (image ?? {}) as Body;
  if (id === undefined) return '';
  const links = [link('bookmark', `${asked.serviceUrl}/images/${String(id)}`)];
  return atLeast(asked.microversion, '2.98') ? { id, links, properties } : { id, links };
}

function flavorBefore247(asked: Asked, flavor: unknown, flavors: NamedFlavors, created: unknown): Body {
  const kept = (flavor ?? {}) as Body;
  const known = typeof kept['id'] === 'string' ? kept['id'] : flavors.idOf(kept, created);
  return { id: known, links: [link('bookmark', `${asked.serviceUrl}/flavors/${known}`)] };
}

const volumeIds = (attached: unknown): unknown =>
  Array.isArray(attached) ? attached.map((volume: Body) => ({ id: volume['id'] })) : attached;
