/** A tenant with one of most things, all of them in one zone: what that site says of them is what the cascade should say. */
import { randomBytes } from 'node:crypto';
import { assert, eventually } from '../checks.js';
import { CloudClient } from '../cloud-client.js';
import { siteNames } from '../lab.js';

export const serviceNames = ['compute', 'volume', 'network', 'image', 'placement'] as const;
export type ServiceName = (typeof serviceNames)[number];
export type Cloud = CloudClient<ServiceName | 'identity'>;

const tag = `same-${randomBytes(3).toString('hex')}`;
const zone = siteNames[0];

interface Made {
  readonly id: string;
  readonly status?: string;
}

export interface Tenant {
  readonly client: Cloud;
  /** What a route's `{names}` stand for. */
  readonly known: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

class Making {
  /** Paths of what was made, in that order. */
  private readonly made: { client: Cloud; url: string }[] = [];

  constructor(private readonly admin: Cloud) {}

  async make(client: Cloud, service: keyof Cloud['roots'], path: string, body: object, version = ''): Promise<Made> {
    const url = client.roots[service] + path;
    const { status, body: answer } = await client.call<Record<string, Made>>('POST', url, body, version);
    assert(status < 300, `POST ${path}: ${status} ${JSON.stringify(answer)}`);
    const made = answer['id'] ? (answer as unknown as Made) : Object.values(answer)[0]!;
    this.made.push({ client, url: `${url}/${made.id ?? tag}` });
    return made;
  }

  async is(client: Cloud, service: ServiceName, path: string, wanted: readonly string[]): Promise<void> {
    await eventually(`${path} is ${wanted.join(' or ')}`, 90, async () => {
      const { body } = await client.call<Record<string, Made>>('GET', client.roots[service] + path, undefined, '');
      return wanted.includes(Object.values(body)[0]?.status ?? '');
    });
  }

  /** Newest first; what cannot go yet is tried again. */
  async remove(): Promise<void> {
    for (const { client, url } of this.made.reverse()) {
      const isGone = async (): Promise<boolean> => {
        const { status } = await client.call('DELETE', url, undefined, '');
        return status < 300 || status === 404;
      };
      await eventually(`DELETE ${url}`, 60, isGone).catch(() => undefined);
    }
  }

  async login(cascade: string): Promise<{ client: Cloud; projectId: string; userId: string }> {
    const { admin } = this;
    const project = await this.make(admin, 'identity', '/projects', { project: { name: tag, domain_id: 'default' } });
    const user = await this.make(admin, 'identity', '/users', {
      user: { name: tag, password: tag, domain_id: 'default' },
    });
    const { body } = await admin.call<{ roles: { id: string; name: string }[] }>(
      'GET',
      `${admin.roots.identity}/roles`,
      undefined,
      '',
    );
    for (const { id } of body.roles.filter(({ name }) => name === 'member')) {
      await admin.call(
        'PUT',
        `${admin.roots.identity}/projects/${project.id}/users/${user.id}/roles/${id}`,
        undefined,
        '',
      );
    }
    const login = { username: tag, password: tag, projectName: tag };
    const client = new CloudClient(`${cascade}/identity/v3`, admin.roots, login);
    return { client, projectId: project.id, userId: user.id };
  }
}

export async function makeTenant(cascade: string, admin: Cloud): Promise<Tenant> {
  const making = new Making(admin);
  try {
    const { client, projectId, userId } = await making.login(cascade);
    const known = { project_id: projectId, tenant_id: projectId, target_project: projectId, user_id: userId };
    return { client, known: { ...known, ...(await makeThings(making, admin, client)) }, remove: () => making.remove() };
  } catch (error) {
    await making.remove();
    throw error;
  }
}

async function makeThings(making: Making, admin: Cloud, ann: Cloud): Promise<Record<string, string>> {
  const network = await making.make(ann, 'network', '/networks', {
    network: { name: 'Net', description: 'Some words', availability_zone_hints: [zone] },
  });
  const subnet = await making.make(ann, 'network', '/subnets', {
    subnet: { name: 'Sub', network_id: network.id, ip_version: 4, cidr: '10.11.0.0/24', dns_nameservers: ['9.9.9.9'] },
  });
  const group = await making.make(ann, 'network', '/security-groups', { security_group: { name: 'Group' } });
  const range = { protocol: 'tcp', port_range_min: 80, port_range_max: 90, remote_ip_prefix: '10.0.0.0/8' };
  const rule = await making.make(ann, 'network', '/security-group-rules', {
    security_group_rule: { security_group_id: group.id, direction: 'ingress', ...range },
  });
  const port = await making.make(ann, 'network', '/ports', {
    port: { name: 'Port', network_id: network.id, description: 'Words' },
  });
  await making.make(ann, 'network', '/ports', {
    port: { name: 'other', network_id: network.id, admin_state_up: false },
  });
  const router = await making.make(ann, 'network', '/routers', {
    router: { name: 'Router', availability_zone_hints: [zone] },
  });
  const image = await making.make(ann, 'image', '/images', {
    ...{ name: 'Image', disk_format: 'raw', container_format: 'bare', visibility: 'private' },
    ...{ tags: ['Tag'], os_distro: 'Debian', min_ram: 3 },
  });
  await ann.call('PUT', `${ann.roots.image}/images/${image.id}/file`, Buffer.alloc(4096), '');
  const flavor = await making.make(admin, 'compute', '/flavors', { flavor: { name: tag, ram: 64, vcpus: 1, disk: 1 } });
  await making.make(ann, 'compute', '/os-keypairs', { keypair: { name: tag } });
  const serverGroup = await making.make(ann, 'compute', '/os-server-groups', {
    server_group: { name: 'Group', policies: ['affinity'] },
  });
  const server = await making.make(
    ann,
    'compute',
    '/servers',
    {
      server: {
        ...{ name: 'Server', flavorRef: flavor.id, imageRef: image.id, networks: [{ port: port.id }] },
        ...{ availability_zone: zone, key_name: tag, metadata: { Meta: 'Data' }, tags: ['Tag'] },
      },
    },
    'compute 2.60',
  );
  const volume = await making.make(ann, 'volume', '/volumes', {
    volume: { name: 'Volume', size: 1, availability_zone: zone, metadata: { Meta: 'Data' }, description: 'Words' },
  });
  const other = await making.make(ann, 'volume', '/volumes', {
    volume: { name: 'other', size: 2, availability_zone: zone },
  });
  await making.is(ann, 'compute', `/servers/${server.id}`, ['ACTIVE']);
  for (const { id } of [volume, other]) await making.is(ann, 'volume', `/volumes/${id}`, ['available']);
  const snapshot = await making.make(ann, 'volume', '/snapshots', {
    snapshot: { name: 'Snapshot', volume_id: volume.id, metadata: { Meta: 'Data' } },
  });
  await making.is(ann, 'volume', `/snapshots/${snapshot.id}`, ['available']);
  const backup = await making.make(ann, 'volume', '/backups', { backup: { name: 'Backup', volume_id: volume.id } });
  await making.is(ann, 'volume', `/backups/${backup.id}`, ['available']);
  const transfer = await making.make(
    ann,
    'volume',
    '/volume-transfers',
    { transfer: { name: 'Transfer', volume_id: other.id } },
    'volume 3.55',
  );
  return {
    ...{ network_id: network.id, subnet_id: subnet.id, port_id: port.id, router_id: router.id },
    ...{ security_group_id: group.id, security_group_rule_id: rule.id, image_id: image.id, flavor_id: flavor.id },
    ...{ keypair_name: tag, server_group_id: serverGroup.id, server_id: server.id, volume_id: volume.id },
    ...{ snapshot_id: snapshot.id, backup_id: backup.id, transfer_id: transfer.id, id: 'default' },
  };
}
