/** `POST /servers`. @see openstack/nova:nova/api/openstack/compute/servers.py create */
import { randomBytes, randomUUID } from 'node:crypto';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { isTrue } from '@cascade/openstack-protocol/compute/parameter-types.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { links, selfLink } from '@cascade/openstack-adapter/compute/links.js';
import { createSchema } from '@cascade/openstack-adapter/compute/server-schemas.js';
import type { Cloud } from '../cloud.js';
import { devicesIn, requireEphemeral, type Device } from './block-devices.js';
import { buildServer, type BuildPlan } from './build-server.js';
import { nicsIn } from './nics.js';
import { adminPass } from '../actions/rebuild-actions.js';
import { requireRoom } from '../quotas/quota-check.js';
import type { Server } from './server.js';

type Given = Readonly<Record<string, unknown>>;

// One compiled check for each microversion that is asked for.
const checks = new Map<number, ReturnType<typeof bodyCheck>>();

function checkCreate(asked: Asked, body: Given): void {
  const minor = asked.microversion?.minor ?? 1;
  let check = checks.get(minor);
  if (!check) checks.set(minor, (check = bodyCheck(createSchema(minor))));
  check(body);
}

export function createServer(cloud: Cloud): Answer {
  return async (asked) => {
    const body = await asked.readJson();
    checkCreate(asked, body);
    const given = body['server'] as Given;
    const [least, most] = counts(given);
    const plan = planOf(cloud, asked, given, hintsIn(body));
    const { vcpus: cores, ram } = plan.flavor;
    requireRoom(cloud, plan.projectId, { instances: most, cores: cores * most, ram: ram * most });
    const reservationId = `r-${randomBytes(5).toString('base64url').toLowerCase().replace(/[-_]/g, '0').slice(0, 8)}`;
    const servers = Array.from({ length: most }, (_, at) =>
      newServer(cloud, asked, plan, given, { at, most, reservationId, hints: hintsIn(body) }),
    );
    const built = buildAll(cloud, servers, plan, least);
    for (const server of built) cloud.journal.note(server, 'create', asked);
    if (isTrue(given['return_reservation_id'] ?? false)) return json(202, { reservation_id: reservationId });
    const [first] = built as [Server];
    const groups = (first.securityGroups.length > 0 ? first.securityGroups : ['default']).map((name) => ({ name }));
    const shown = {
      id: first.id,
      links: links(asked, 'servers', first.id),
      'OS-DCF:diskConfig': first.diskConfig,
      security_groups: groups,
      adminPass: given['adminPass'] ?? adminPass(),
    };
    return json(202, { server: shown }, { location: selfLink(asked, 'servers', first.id) });
  };
}

/** @throws Fault 400 */
function counts(given: Given): [least: number, most: number] {
  const least = Number(given['min_count'] ?? 1);
  const most = Number(given['max_count'] ?? least);
  if (least > most) throw new Fault('bad-request', 'min_count must be <= max_count');
  return [least, most];
}

const hintsIn = (body: Given): Given =>
  (body['os:scheduler_hints'] ?? body['OS-SCH-HNT:scheduler_hints'] ?? {}) as Given;

/** What all servers of one request have in common. @throws Fault 400, 403, 409 */
function planOf(cloud: Cloud, asked: Asked, given: Given, hints: Given): BuildPlan {
  const projectId = asked.caller.projectId ?? '';
  const host = hostAsked(cloud, asked, given);
  const devices = devicesIn(cloud, asked, given);
  const securityGroups = ((given['security_groups'] ?? []) as { name: string }[]).map(({ name }) => name);
  const lacking = securityGroups.find((name) => !cloud.networks.hasGroup(projectId, name));
  if (lacking !== undefined) {
    throw new Fault('bad-request', `Unable to find security_group with name or id '${lacking}'`);
  }
  const nics = nicsIn(cloud, projectId, given['networks'] as Parameters<typeof nicsIn>[2]);
  const imageId = imageAsked(cloud, asked, given, devices);
  const flavor = cloud.flavors.find(lastOf(String(given['flavorRef'])));
  if (!flavor || !cloud.flavors.mayUse(asked, flavor)) {
    throw new Fault('bad-request', `Flavor ${String(given['flavorRef'])} could not be found.`);
  }
  requireEphemeral(devices, flavor);
  const image = cloud.images.find(imageId);
  if (image && image.minRam > flavor.ram)
    throw new Fault('bad-request', "Flavor's memory is too small for requested image.");
  if (image && flavor.disk > 0 && image.minDisk > flavor.disk && !rootOf(devices)?.isVolume) {
    throw new Fault('bad-request', "The created instance's disk would be too small.");
  }
  const keyName = (given['key_name'] as string | null | undefined) ?? null;
  if (keyName !== null && !cloud.keyPairs.find(asked.caller.userId, keyName)) {
    throw new Fault('bad-request', 'Invalid key_name provided.');
  }
  const groupId = typeof hints['group'] === 'string' ? hints['group'] : null;
  if (groupId !== null) cloud.serverGroups.requireFor(projectId, groupId);
  return {
    projectId,
    userId: asked.caller.userId,
    flavor,
    imageId,
    host,
    nics,
    devices,
    securityGroups,
    keyName,
    groupId,
  };
}

const rootOf = (devices: readonly Device[]): Device | undefined => devices.find(({ bootIndex }) => bootIndex === 0);

const lastOf = (ref: string): string => ref.split('/').at(-1) ?? ref;

/** The host an administrator names behind a zone (`az:host:node`) or, from 2.74 on, by itself. */
function hostAsked(cloud: Cloud, asked: Asked, given: Given): string | undefined {
  const zone = given['availability_zone'] as string | undefined;
  const [name, host, node, ...more] = (zone ?? '').split(':');
  if (more.length > 0) throw new Fault('bad-request', 'Invalid input received: Unable to parse availability_zone');
  const forced = host || node;
  if (forced) {
    requireAdminFor(asked, 'os_compute_api:servers:create:forced_host');
    return forced;
  }
  if (name && name !== cloud.zone) throw new Fault('bad-request', 'The requested availability zone is not available');
  const requested = given['host'] ?? given['hypervisor_hostname'];
  if (requested === undefined) return undefined;
  requireAdminFor(asked, 'compute:servers:create:requested_destination');
  if (!cloud.hosts.has(String(requested)))
    throw new Fault('bad-request', `Compute host ${String(requested)} could not be found.`);
  return String(requested);
}

function requireAdminFor(asked: Asked, rule: string): void {
  if (!asked.caller.isAdmin) throw new Fault('forbidden', `Policy doesn't allow ${rule} to be performed.`);
}

/** '' for a server that boots from a volume. @throws Fault 400 */
function imageAsked(cloud: Cloud, asked: Asked, given: Given, devices: readonly Device[]): string {
  const root = rootOf(devices);
  const [hasDevices, hasRoot, fromVolume] = [devices.length > 0, root !== undefined, root?.isVolume ?? false];
  const ref = lastOf(String(given['imageRef'] ?? ''));
  if (ref === '') {
    if (!hasDevices) throw new Fault('bad-request', 'Missing imageRef attribute');
    if (!hasRoot)
      throw new Fault(
        'bad-request',
        'Block Device Mapping is Invalid: Boot sequence for the instance and image/block device mapping combination is not valid.',
      );
    return '';
  }
  if (!/^[0-9a-f-]{36}$/i.test(ref)) throw new Fault('bad-request', 'Invalid imageRef provided.');
  const image = cloud.images.usableBy(asked.caller, ref);
  if (!image) throw new Fault('bad-request', 'Can not find requested image');
  if (image.status !== 'active') throw new Fault('bad-request', `Image ${ref} is not active.`);
  return fromVolume ? '' : ref;
}

function newServer(
  cloud: Cloud,
  asked: Asked,
  plan: BuildPlan,
  given: Given,
  place: { at: number; most: number; reservationId: string; hints: Given },
): Server {
  const base = String(given['name']).trim();
  const name = place.most > 1 ? `${base}-${place.at + 1}` : base;
  const now = cloud.clock.now();
  return {
    id: randomUUID(),
    name,
    projectId: plan.projectId,
    userId: plan.userId,
    flavorId: plan.flavor.id,
    imageId: plan.imageId,
    host: null,
    vmState: 'building',
    taskState: 'scheduling',
    createdAt: now,
    updatedAt: now,
    launchedAt: null,
    deletedAt: null,
    addresses: [],
    volumes: [],
    securityGroups: plan.securityGroups,
    metadata: (given['metadata'] ?? {}) as Record<string, string>,
    tags: [...new Set((given['tags'] ?? []) as string[])],
    keyName: plan.keyName,
    // Before there were descriptions Nova wrote the name there, and still does for who does not know better.
    description: atLeast(asked.microversion, '2.19')
      ? ((given['description'] as string | null | undefined) ?? null)
      : base,
    locked: false,
    lockedReason: null,
    configDrive: isTrue(given['config_drive'] ?? false),
    userData: (given['user_data'] as string | null | undefined) ?? null,
    reservationId: place.reservationId,
    pinnedZone: String(given['availability_zone'] ?? '').split(':')[0] || null,
    schedulerHints: place.hints,
    launchIndex: place.at,
    accessIPv4: (given['accessIPv4'] as string | undefined) ?? '',
    accessIPv6: (given['accessIPv6'] as string | undefined) ?? '',
    diskConfig: (given['OS-DCF:diskConfig'] as 'AUTO' | 'MANUAL' | undefined) ?? 'MANUAL',
    hostname: (given['hostname'] as string | undefined) ?? hostnameOf(name, place.at),
    serverGroupId: plan.groupId,
    fault: null,
    before: null,
  };
}

/** @see openstack/nova:nova/utils.py sanitize_hostname */
function hostnameOf(name: string, at: number): string {
  const clean = name
    .replace(/[ _.]/g, '-')
    .replace(/[^\w-]+/g, '')
    .toLowerCase()
    .replace(/^[-.]+|[-.]+$/g, '');
  return clean.slice(0, 63) || `server-${at}`;
}

/** All of them, or none where not even the least number can be had. */
function buildAll(cloud: Cloud, servers: readonly Server[], plan: BuildPlan, least: number): Server[] {
  const built: Server[] = [];
  try {
    for (const server of servers) {
      buildServer(cloud, server, plan);
      built.push(server);
    }
  } catch (error) {
    if (built.length >= least && built.length > 0) return built;
    for (const { id } of built) {
      cloud.networks.unplugDevice(id);
      cloud.servers.remove(id);
    }
    throw error;
  }
  return built;
}
