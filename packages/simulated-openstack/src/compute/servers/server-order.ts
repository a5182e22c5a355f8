/** What servers can be sorted by. @see openstack/nova:nova/api/openstack/compute/schemas/servers.py VALID_SORT_KEYS */
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { serverSortKeys } from '@cascade/openstack-protocol/compute/server-sort-keys.js';
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

/** The asked order; undefined for Nova's own. @throws Fault 400 for a key or a direction that is none, 403 for an administrator's */
export function serverOrder(asked: Asked): Compare | undefined {
  if (!asked.query.has('sort_key') && !asked.query.has('sort_dir')) return undefined;
  const compares = serverSortKeys(asked, (key) => Object.hasOwn(values, key)).map(({ key, direction }) =>
    by(values[key]!, direction === 'asc' ? 1 : -1),
  );
  // No two servers are equal. @see openstack/nova:nova/compute/instance_list.py InstanceSortContext
  return chain([...compares, by(({ id }) => id, 1)]);
}

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
