/** Servers that are promised: rows of the inventory that no site knows of yet. */
import { randomUUID } from 'node:crypto';
import type { Database, Queryable } from '../../database/database.js';
import { bodyOfRow, rowColumns, type Row } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { serverFacts } from '../servers/server-facts.js';
import { serverText } from '../servers/server-lines.js';

/** Of RFC 9562's version 8, which no service makes: whoever is asked for another id need not look for a promise. */
export const newPromisedId = (): string => randomUUID().replace(/^(.{14})./, '$18');
export const mayBePromised = (id: string): boolean => id[14] === '8';

/** A promised server; its tombstone too, until it is swept. */
export const findPromised = (database: Database, id: string): Promise<Row | undefined> =>
  database.maybe<Row>(`select ${rowColumns} from resource r where kind = 'server' and id = $1 and is_promised`, [id]);

/** Writes one down; it is listed like any other from then on. */
export async function storePromised(on: Queryable, site: Site, body: Body): Promise<void> {
  await on.run(
    `insert into resource (kind, id, site_id, project_id, created_at, updated_at, body, facts, is_promised)
     values ('server', $1, $2, $3, $4, $4, $5, $6, true)`,
    [body['id'], site.id, body['tenant_id'], body['created'], serverText(body), JSON.stringify(serverFacts(body))],
  );
}

/** Changes what is shown of one; deleted ones stay as they are. @returns false where it is none any more */
export async function changePromised(database: Database, row: Row, changes: Body): Promise<boolean> {
  const updated = second(new Date());
  const body = { ...bodyOfRow(row), ...changes, updated };
  const deletedAt = changes['status'] === 'DELETED' ? updated : null;
  const changed = await database.run(
    `update resource set body = $2, facts = $3, updated_at = $4, deleted_at = $5, seen_at = now()
      where kind = 'server' and id = $1 and is_promised and deleted_at is null`,
    [row.id, serverText(body), JSON.stringify(serverFacts(body)), updated, deletedAt],
  );
  return changed > 0;
}

/**
 * The site has it now, under an id of its own. A tombstone keeps away rows of that id, from pages that were read before
 * every process knew what it is called.
 */
export async function keepPromise(database: Database, row: Row, siteResourceId: string): Promise<boolean> {
  return database.transaction(async (tx) => {
    await tx.run(
      `insert into resource (kind, id, site_id, created_at, updated_at, deleted_at, body, facts, seen_at)
       values ('server', $1, $2, now(), now(), now(), $3, '{}', now() + interval '1 minute')
       on conflict (kind, id, site_id) do update set deleted_at = now(), project_id = null, seen_at = excluded.seen_at`,
      [siteResourceId, row.site_id, serverText({ id: siteResourceId, status: 'DELETED' })],
    );
    // What the site says next of it is newer.
    const kept = await tx.run(
      `update resource set is_promised = false, seen_at = '-infinity'
        where kind = 'server' and id = $1 and is_promised and deleted_at is null`,
      [row.id],
    );
    return kept > 0;
  });
}

const second = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What Nova shows of a server that is being scheduled. @see openstack/nova:nova/api/openstack/compute/views/servers.py */
export async function promisedBody(world: World, site: Site, wanted: Body, whose: Body): Promise<Body> {
  const created = second(new Date());
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
