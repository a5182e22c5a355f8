/** What servers can be sorted by. @see openstack/nova:nova/api/openstack/compute/schemas/servers.py VALID_SORT_KEYS */
import { Fault } from '../../../../openstack/faults.js';
import { atLeast } from '../../../../openstack/microversion.js';
import type { Asked } from '../../../../openstack/route.js';
import { powerStateOf, type Server } from './server.js';

type Value = (server: Server) => string | number;
type Compare = (a: Server, b: Server) => number;

const values: Readonly<Record<string, Value>> = {
  access_ip_v4: (server) => server.accessIPv4,
  access_ip_v6: (server) => server.accessIPv6,
  auto_disk_config: (server) => server.diskConfig,
  availability_zone: () => '',
  config_drive: (server) => Number(server.configDrive),
  created_at: (server) => server.createdAt,
  display_description: (server) => server.description ?? '',
  display_name: (server) => server.name.toLowerCase(),
  host: (server) => server.host ?? '',
  hostname: (server) => server.hostname,
  image_ref: (server) => server.imageId,
  instance_type_id: (server) => server.flavorId,
  kernel_id: () => '',
  key_name: (server) => server.keyName ?? '',
  launch_index: (server) => server.launchIndex,
  launched_at: (server) => server.launchedAt ?? 0,
  locked: (server) => Number(server.locked),
  node: (server) => server.host ?? '',
  power_state: powerStateOf,
  progress: () => 0,
  project_id: (server) => server.projectId,
  ramdisk_id: () => '',
  root_device_name: () => '',
  task_state: (server) => server.taskState ?? '',
  terminated_at: (server) => server.deletedAt ?? 0,
  updated_at: (server) => server.updatedAt,
  user_id: (server) => server.userId,
  uuid: (server) => server.id,
  vm_state: (server) => server.vmState,
};

/** Sorted by before keys had a schema: ignored since then, refused from 2.75 on. */
const ignored = new Set([
  'architecture', 'cell_name', 'cleaned', 'default_ephemeral_device', 'default_swap_device', 'deleted', 'deleted_at', 'disable_terminate',
  'ephemeral_gb', 'ephemeral_key_uuid', 'id', 'key_data', 'launched_on', 'memory_mb', 'os_type', 'reservation_id', 'root_gb', 'shutdown_terminate',
  'user_data', 'vcpus', 'vm_mode',
]); // prettier-ignore
const isIgnored = (asked: Asked, key: string): boolean =>
  key === 'locked' ? !atLeast(asked.microversion, '2.73') : ignored.has(key) && !atLeast(asked.microversion, '2.75');

/** The asked order; undefined for Nova's own. @throws Fault 400 for a key or a direction that is none, 403 for an administrator's */
export function serverOrder(asked: Asked): Compare | undefined {
  const keys = asked.query.getAll('sort_key');
  const directions = asked.query.getAll('sort_dir');
  const wrong = directions.find((word) => word !== 'asc' && word !== 'desc');
  if (wrong !== undefined) throw refusal('sort_dir', wrong);
  if (keys.length === 0 && directions.length === 0) return undefined;
  // An ignored key takes the direction in its place with it.
  const kept = (_: string, at: number): boolean => !isIgnored(asked, keys[at] ?? '');
  const [wanted, ways] = [keys.filter(kept), directions.filter(kept)];
  if (wanted.length === 0) wanted.push('created_at');
  const sign = (at: number): number => ((ways[at] ?? ways[0] ?? 'desc') === 'asc' ? 1 : -1);
  const compares = wanted.map((key, at) => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    if (!value) throw refusal('sort_key', key);
    if ((key === 'host' || key === 'node') && !asked.caller.isAdmin)
      throw new Fault('forbidden', `Only administrators can sort servers by ${key}`);
    return by(value, sign(at));
  });
  // No two servers are equal. @see openstack/nova:nova/compute/instance_list.py InstanceSortContext
  return chain([...compares, by(({ id }) => id, 1)]);
}

const refusal = (name: string, value: string): Fault =>
  new Fault('bad-request', `Invalid input for query parameters ${name}. Value: ${value}.`);

// Nova's times count in seconds; ids tell those of one second apart.
const secondOf: Value = ({ createdAt }) => Math.floor(createdAt / 1000);

const by =
  (value: Value, sign: number): Compare =>
  (a, b) => {
    const [x, y] = [value(a), value(b)];
    return x === y ? 0 : x < y ? -sign : sign;
  };

const chain =
  (compares: readonly Compare[]): Compare =>
  (a, b) => {
    for (const compare of compares) {
      const difference = compare(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };

/** The youngest first, then the greater id. */
serverOrder.byDefault = chain([by(secondOf, -1), by(({ id }) => id, -1)]);
