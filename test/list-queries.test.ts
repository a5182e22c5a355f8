/** What lists answer to odd pages and orders, as the services of Zed answered the same on MariaDB. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';

let simulated: SimulatedCascade;

beforeAll(async () => {
  simulated = await startSimulatedCascade();
}, 120_000);
afterAll(() => simulated.close());

const tooShort = "Invalid input for query parameters limit. Value: . '' is too short";
const direction = "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'";
const way = "Invalid input for query parameters sort_dir. Value: up. 'up' is not one of ['asc', 'desc']";
const foo = "Additional properties are not allowed ('foo' was unexpected)";

const sortKeys =
  "['access_ip_v4', 'access_ip_v6', 'auto_disk_config', 'availability_zone', 'config_drive', 'created_at', " +
  "'display_description', 'display_name', 'host', 'hostname', 'image_ref', 'instance_type_id', 'kernel_id', 'key_name', " +
  "'launch_index', 'launched_at', 'locked', 'locked_by', 'node', 'power_state', 'progress', 'project_id', 'ramdisk_id', " +
  "'root_device_name', 'task_state', 'terminated_at', 'updated_at', 'user_id', 'uuid', 'vm_state']";

test.each([
  ['/compute/v2.1/servers?marker=', 200],
  ['/compute/v2.1/servers/detail?marker=', 200],
  ['/compute/v2.1/servers?limit=', 400, tooShort],
  ['/compute/v2.1/servers?sort_dir=up', 400, direction],
  [
    '/compute/v2.1/servers?sort_key=colour&sort_dir=up',
    400,
    `sort_key. Value: colour. 'colour' is not one of ${sortKeys}`,
  ],
  ['/compute/v2.1/servers?foo=bar', 400, "'foo' does not match any of the regexes: '^_'"],
  ['/compute/v2.1/servers?changes-since=%2B05:00', 400, "'+05:00' is not a 'date-time'"],
  ['/compute/v2.1/flavors?marker=', 400, 'marker [] not found'],
  ['/compute/v2.1/flavors?limit=&marker=', 400, tooShort],
  ['/compute/v2.1/flavors?sort_dir=up', 400, way],
  ['/compute/v2.1/flavors/detail?foo=bar', 400, foo],
  ['/compute/v2.1/os-keypairs?marker=', 400, 'Marker  could not be found.'],
  ['/compute/v2.1/os-keypairs?foo=bar', 400, foo],
  ['/compute/v2.1/os-hypervisors?marker=', 400, 'marker [] not found'],
  ['/compute/v2.1/os-migrations?marker=', 200],
  ['/compute/v2.1/os-server-groups?marker=', 400, "Additional properties are not allowed ('marker' was unexpected)"],
  ['/compute/v2.1/os-server-groups?limit=', 400, tooShort],
  ['/volume/v3/volumes?marker=', 404, 'Volume  could not be found.'],
  ['/volume/v3/volumes?limit=', 400, 'limit param must be an integer'],
  ['/volume/v3/volumes?limit=1_0', 200],
  ['/volume/v3/volumes?sort=a:b:c', 400, direction],
  ['/volume/v3/volumes?sort=created_at:asc:x', 400, direction],
  ['/volume/v3/attachments?marker=', 404, 'Volume attachment could not be found with filter: attachment_id = .'],
  ['/volume/v3/os-volume-transfer?marker=', 200],
  ['/volume/v3/volume-transfers?marker=', 404, 'Transfer  could not be found.'],
  ['/image/v2/images?marker=', 400],
  ['/image/v2/images?limit=', 400],
  ['/image/v2/images?limit=1_0', 200],
  ['/image/v2/images?sort_dir=up', 400],
  ['/network/v2.0/ports?marker=', 200],
  ['/network/v2.0/ports?limit=1&marker=', 200],
  ['/network/v2.0/ports?limit=1_0', 200],
  ['/network/v2.0/networks?revision_number=abc', 200],
  ['/network/v2.0/ports?allowed_address_pairs=x', 400, "'x' is not of the form <key>=[value]"],
  ['/network/v2.0/ports?allowed_address_pairs=ip_address=10.0.0.1', 200],
  ['/network/v2.0/networks?segments=x', 400, "'x' is not of the form <key>=[value]"],
  ['/network/v2.0/trunks?sub_ports=x', 400, "'x' is not of the form <key>=[value]"],
  ['/network/v2.0/networks?availability_zone_hints=x', 200],
  ['/network/v2.0/availability_zones?foo=', 400, "'foo' is not supported for filtering"],
  ['/network/v2.0/availability_zones?name=', 200],
  ['/network/v2.0/rbac-policies?foo=bar', 400, "'foo' is not supported for filtering"],
  ['/placement/resource_providers?name=', 200],
  ['/placement/traits?marker=', 400, "Additional properties are not allowed ('marker' was unexpected)"],
  ['/compute/v2.1/images?limit=', 400, 'limit must be an integer'],
  ['/compute/v2.1/images/detail?limit=1.5', 400, 'limit must be an integer'],
  ['/compute/v2.1/images?offset=-1', 400, 'offset must be >= 0'],
  ['/compute/v2.1/images?page_size=x', 400, 'page_size must be an integer'],
])('%s is %i', async (path, status, words = '') => {
  const isProxy = path.startsWith('/compute/v2.1/images');
  const version = path.startsWith('/placement') ? 'placement 1.39' : isProxy ? 'compute 2.1' : undefined;
  const { status: found, body } = await simulated.admin(`GET ${path}`, undefined, version);
  expect(found).toBe(status);
  if (words) expect(JSON.stringify(body)).toContain(words);
});

/** Which of two limits counts. @see Pylons/webob:src/webob/multidict.py */
test.each([
  ['/compute/v2.1/flavors?limit=2&limit=1', 1],
  ['/compute/v2.1/flavors?limit=1&limit=2', 2],
  ['/network/v2.0/security-group-rules?limit=2&limit=1', 1],
  ['/image/v2/images?limit=1&limit=2', 1],
])('%s', async (path, rows) => {
  const { status, body } = await simulated.admin(`GET ${path}`);
  const [list] = Object.values(body as Record<string, unknown>).filter(Array.isArray);
  expect([status, list?.length]).toEqual([200, rows]);
});

test('flavors that are equal, and their numbers, are in the order of their making', async () => {
  for (const id of ['z', 'y', 'x']) {
    const flavor = { id, name: `order-${id}`, ram: 77, vcpus: 1, disk: 0 };
    const { status } = await simulated.admin('POST /compute/v2.1/flavors', { flavor });
    expect(status).toBe(200);
  }
  const ids = async (query: string): Promise<string[]> => {
    const { body } = await simulated.admin(`GET /compute/v2.1/flavors?minRam=0&${query}`);
    return (body.flavors as { id: string }[]).map(({ id }) => id).filter((id) => 'zyx'.includes(id));
  };
  expect(await ids('sort_key=memory_mb')).toEqual(['z', 'y', 'x']);
  expect(await ids('sort_key=swap&sort_dir=desc')).toEqual(['x', 'y', 'z']);
  expect(await ids('sort_key=id')).toEqual(['z', 'y', 'x']);
  expect(await ids('')).toEqual(['x', 'y', 'z']);
});
