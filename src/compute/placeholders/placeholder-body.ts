/** What a placeholder shows of a server before any site knows of it. */
import type { Body } from '../../resources/kind.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';

/** This moment as Nova writes it. */
export const novaTime = (): string => `${new Date().toISOString().slice(0, 19)}Z`;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What Nova shows of a server that is being scheduled. @see openstack/nova:nova/api/openstack/compute/views/servers.py */
export async function placeholderBody(world: World, site: Site, wanted: Body, whose: Body): Promise<Body> {
  const created = novaTime();
  const imageId = text(wanted['imageRef']).split('/').at(-1);
  return {
    ...whose,
    name: text(wanted['name']).trim(),
    status: 'BUILD',
    metadata: wanted['metadata'] ?? {},
    hostId: '',
    image: imageId ? { id: imageId } : '',
    flavor: await flavorIn(world, text(wanted['flavorRef']).split('/').at(-1) ?? ''),
    created,
    updated: created,
    addresses: {},
    accessIPv4: text(wanted['accessIPv4']),
    accessIPv6: text(wanted['accessIPv6']),
    'OS-DCF:diskConfig': wanted['OS-DCF:diskConfig'] ?? 'MANUAL',
    progress: 0,
    'OS-EXT-AZ:availability_zone': site.name,
    config_drive: wanted['config_drive'] ? 'True' : '',
    key_name: wanted['key_name'] ?? null,
    'OS-SRV-USG:launched_at': null,
    'OS-SRV-USG:terminated_at': null,
    'OS-EXT-SRV-ATTR:host': null,
    'OS-EXT-SRV-ATTR:instance_name': '',
    'OS-EXT-SRV-ATTR:hypervisor_hostname': null,
    'OS-EXT-SRV-ATTR:launch_index': 0,
    'OS-EXT-SRV-ATTR:hostname': text(wanted['hostname']) || text(wanted['name']).trim(),
    'OS-EXT-SRV-ATTR:kernel_id': '',
    'OS-EXT-SRV-ATTR:ramdisk_id': '',
    'OS-EXT-SRV-ATTR:root_device_name': null,
    'OS-EXT-SRV-ATTR:user_data': null,
    'OS-EXT-STS:task_state': 'scheduling',
    'OS-EXT-STS:vm_state': 'building',
    'OS-EXT-STS:power_state': 0,
    'os-extended-volumes:volumes_attached': [],
    host_status: '',
    locked: false,
    locked_reason: null,
    description: wanted['description'] ?? null,
    tags: wanted['tags'] ?? [],
    trusted_image_certificates: wanted['trusted_image_certificates'] ?? null,
    server_groups: [],
  };
}

async function flavorIn(world: World, id: string): Promise<Body> {
  const body = (await world.globals.find('flavor', id))?.body ?? {};
  return {
    vcpus: body['vcpus'],
    ram: body['ram'],
    disk: body['disk'],
    ephemeral: body['OS-FLV-EXT-DATA:ephemeral'] ?? 0,
    swap: body['swap'] || 0,
    original_name: body['name'],
    extra_specs: body['extra_specs'] ?? {},
  };
}
