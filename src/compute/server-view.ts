/** A stored server as Nova shows it at a microversion, to a tenant or to an administrator. */
import type { Asked } from '../openstack/route.js';
import { atLeast } from '../openstack/microversion.js';
import { bodyOfRow, type Row } from '../resources/inventory.js';
import type { Body } from '../resources/kind.js';

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
  server_groups: '2.71',
  locked_reason: '2.73',
};

/** Ids by name of the flavors that servers name since 2.47, deleted ones too. */
export type FlavorIds = ReadonlyMap<string, string>;

const link = (rel: string, href: string) => ({ rel, href });

export function serverLinks(asked: Asked, id: string) {
  return [
    link('self', `${asked.serviceUrl}/v2.1/servers/${id}`),
    link('bookmark', `${asked.serviceUrl}/servers/${id}`),
  ];
}

/** One of `GET /servers`. */
export function briefServer(asked: Asked, row: Row): Body {
  const { name } = bodyOfRow(row);
  return { id: row.id, name: name ?? '', links: serverLinks(asked, row.id) };
}

/** One of `GET /servers/detail`. */
export function detailedServer(asked: Asked, row: Row, flavors: FlavorIds): Body {
  const version = asked.microversion;
  const shown: Body = {};
  for (const [key, value] of Object.entries(bodyOfRow(row))) {
    const floor = since[key];
    if (floor && !atLeast(version, floor)) continue;
    if (!asked.caller.isAdmin && isAdminOnly(key, asked)) continue;
    shown[key] = value;
  }
  // Only a single server shows its groups; the list never does.
  delete shown['server_groups'];
  shown['links'] = serverLinks(asked, row.id);
  shown['image'] = imageOf(asked, shown['image']);
  if (!atLeast(version, '2.47')) shown['flavor'] = flavorBefore247(asked, shown['flavor'], flavors);
  if (!atLeast(version, '2.3'))
    shown['os-extended-volumes:volumes_attached'] = volumeIds(shown['os-extended-volumes:volumes_attached']);
  return shown;
}

/**
 * What is left of a server whose site is silent, from 2.69 on.
 * @see openstack/nova:api-guide/source/down_cells.rst
 */
export function unknownServer(asked: Asked, row: Row, detailed: boolean): Body {
  const body = bodyOfRow(row);
  const brief = { id: row.id, status: 'UNKNOWN', links: serverLinks(asked, row.id) };
  return detailed ? { ...brief, created: body['created'], tenant_id: row.project_id } : brief;
}

/** The same for `GET /servers/{id}`. */
export function unknownServerShown(asked: Asked, row: Row): Body {
  const body = bodyOfRow(row);
  return {
    ...unknownServer(asked, row, true),
    user_id: body['user_id'],
    image: imageOf(asked, body['image']),
    flavor: body['flavor'],
    'OS-EXT-AZ:availability_zone': body['OS-EXT-AZ:availability_zone'],
    'OS-EXT-STS:power_state': 0,
    server_groups: body['server_groups'] ?? [],
  };
}

function isAdminOnly(key: string, asked: Asked): boolean {
  if (key === 'host_status') return true;
  if (key === 'OS-EXT-SRV-ATTR:hostname') return !atLeast(asked.microversion, '2.90');
  return key.startsWith('OS-EXT-SRV-ATTR:');
}

function imageOf(asked: Asked, image: unknown): unknown {
  const id = (image as Body | undefined)?.['id'];
  return id === undefined ? '' : { id, links: [link('bookmark', `${asked.serviceUrl}/images/${String(id)}`)] };
}

function flavorBefore247(asked: Asked, flavor: unknown, flavors: FlavorIds): Body {
  const { id, original_name: name } = (flavor ?? {}) as { id?: string; original_name?: string };
  const known = id ?? flavors.get(name ?? '') ?? name ?? '';
  return { id: known, links: [link('bookmark', `${asked.serviceUrl}/flavors/${known}`)] };
}

const volumeIds = (attached: unknown): unknown =>
  Array.isArray(attached) ? attached.map((volume: Body) => ({ id: volume['id'] })) : attached;
