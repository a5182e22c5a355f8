/** A server of the benchmark as a Nova of release Zed shows it to an administrator at microversion 2.93. */
import { createHash } from 'node:crypto';
import type { Body } from '../src/resources/kind.js';
import { flavorName, imageId, projectId, serverAt, userId } from './population.js';

export function flavorBody(flavor: number): Body {
  const vcpus = 2 ** (flavor % 5);
  return { vcpus, ram: vcpus * 2048, disk: 10 + flavor, ephemeral: 0, swap: 0, extra_specs: {} };
}

export function serverBody(n: number): Body {
  const { id, name, status, project, site, flavor, image, ip, created, updated } = serverAt(n);
  const vm = { ACTIVE: ['active', 1], SHUTOFF: ['stopped', 4], PAUSED: ['paused', 3], ERROR: ['error', 0] }[status];
  const host = `compute-${String(n % 97).padStart(3, '0')}`;
  const url = 'http://nova.example:8774';
  const hex = n.toString(16).padStart(8, '0');
  return {
    id,
    name,
    status,
    tenant_id: projectId(project),
    user_id: userId(project),
    metadata: {},
    hostId: createHash('sha224').update(`${project}${host}`).digest('hex'),
    image: { id: imageId(image), links: [{ rel: 'bookmark', href: `${url}/images/${imageId(image)}` }] },
    flavor: { ...flavorBody(flavor), original_name: flavorName(flavor) },
    created,
    updated,
    addresses: {
      private: [
        {
          version: 4,
          addr: ip,
          'OS-EXT-IPS:type': 'fixed',
          'OS-EXT-IPS-MAC:mac_addr': `fa:16:${hex.replace(/(..)(?=.)/g, '$1:')}`,
        },
      ],
    },
    accessIPv4: '',
    accessIPv6: '',
    links: [
      { rel: 'self', href: `${url}/v2.1/servers/${id}` },
      { rel: 'bookmark', href: `${url}/servers/${id}` },
    ],
    'OS-DCF:diskConfig': 'MANUAL',
    ...(status === 'ACTIVE' ? { progress: 0 } : {}),
    'OS-EXT-AZ:availability_zone': 'nova',
    config_drive: '',
    key_name: site % 2 === 0 ? 'deploy' : null,
    'OS-SRV-USG:launched_at': created.replace('Z', '.000000'),
    'OS-SRV-USG:terminated_at': null,
    'OS-EXT-SRV-ATTR:host': host,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${hex}`,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': host,
    'OS-EXT-SRV-ATTR:reservation_id': `r-${hex}`,
    'OS-EXT-SRV-ATTR:launch_index': 0,
    'OS-EXT-SRV-ATTR:hostname': name,
    'OS-EXT-SRV-ATTR:kernel_id': '',
    'OS-EXT-SRV-ATTR:ramdisk_id': '',
    'OS-EXT-SRV-ATTR:root_device_name': '/dev/vda',
    'OS-EXT-SRV-ATTR:user_data': null,
    'OS-EXT-STS:task_state': null,
    'OS-EXT-STS:vm_state': vm[0],
    'OS-EXT-STS:power_state': vm[1],
    'os-extended-volumes:volumes_attached': [],
    locked: false,
    locked_reason: null,
    description: null,
    tags: [],
    trusted_image_certificates: null,
    host_status: 'UP',
    ...(status === 'ERROR' ? { fault: { code: 500, created: updated, message: 'No valid host was found.' } } : {}),
    security_groups: [{ name: 'default' }],
  };
}
