/** What a placeholder shows of a volume before any site knows of it. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { Body } from '../../resources/kind.js';
import type { Site } from '../../sites/site.js';
import { cinderTime } from './volume-job.js';

/** As Cinder shows one that is being scheduled. @see openstack/cinder:cinder/api/v3/views/volumes.py */
export async function placeholderBody(
  site: Site,
  caller: Caller,
  id: string,
  wanted: Body,
  image: Body,
): Promise<Body> {
  const type = await typeAt(site, caller, wanted['volume_type'] ?? image['cinder_img_volume_type']);
  const metadata = isObject(wanted['metadata']) ? wanted['metadata'] : {};
  return {
    id,
    name: wanted['name'] ?? wanted['display_name'] ?? null,
    description: wanted['description'] ?? wanted['display_description'] ?? null,
    status: 'creating',
    size: Number(wanted['size']),
    availability_zone: site.name,
    created_at: cinderTime(),
    updated_at: null,
    volume_type: type?.['name'] ?? null,
    volume_type_id: type?.['id'] ?? null,
    snapshot_id: null,
    source_volid: null,
    metadata,
    user_id: caller.userId,
    bootable: 'false',
    encrypted: false,
    replication_status: null,
    consistencygroup_id: null,
    multiattach: false,
    attachments: [],
    migration_status: null,
    group_id: wanted['group_id'] ?? null,
    provider_id: null,
    shared_targets: null,
    service_uuid: null,
    cluster_name: null,
    consumes_quota: true,
    'os-vol-host-attr:host': null,
    'os-vol-mig-status-attr:migstat': null,
    'os-vol-mig-status-attr:name_id': null,
    'os-vol-tenant-attr:tenant_id': caller.projectId,
  };
}

/** The type by its id at the site or its name; where none is named, the one that Cinder would choose. @throws SiteUnreachable */
async function typeAt(site: Site, caller: Caller, named: unknown): Promise<Body | undefined> {
  const path = named ? '/types' : '/types/default';
  const response = await site.request(
    { service: 'volume', method: 'GET', path, query: named ? 'is_public=None' : '' },
    caller,
  );
  const { volume_type: one, volume_types: all } = (bodyOf(response) ?? {}) as {
    volume_type?: Body;
    volume_types?: Body[];
  };
  return one ?? all?.find(({ id, name }) => id === named || name === named);
}
