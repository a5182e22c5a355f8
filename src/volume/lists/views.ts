/** Stored volumes, snapshots and backups as Cinder shows them at a microversion, to a tenant or to an administrator. */
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { bodyOfRow, type Row } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import { projectUrl } from './paging.js';
import type { PassOptions } from '../../routing/pass.js';
import type { Listed } from './listed.js';

interface Field {
  readonly name: string;
  /** First microversion that shows it. */
  readonly since?: string;
  /** True where tenants never see it. */
  readonly admin?: true;
}

const always = (...names: string[]): Field[] => names.map((name) => ({ name }));

/** @see openstack/cinder:cinder/api/v3/views/volumes.py, cinder/api/openstack/rest_api_version_history.rst */
const volumeFields: readonly Field[] = [
  ...always(
    'id',
    'status',
    'size',
    'availability_zone',
    'created_at',
    'updated_at',
    'name',
    'description',
    'volume_type',
  ),
  ...always(
    'snapshot_id',
    'source_volid',
    'metadata',
    'links',
    'user_id',
    'bootable',
    'encrypted',
    'replication_status',
  ),
  ...always('consistencygroup_id', 'multiattach', 'attachments'),
  { name: 'migration_status', admin: true },
  { name: 'group_id', since: '3.13' },
  { name: 'provider_id', since: '3.21', admin: true },
  { name: 'shared_targets', since: '3.48' },
  { name: 'service_uuid', since: '3.48' },
  { name: 'cluster_name', since: '3.61', admin: true },
  { name: 'volume_type_id', since: '3.63' },
  { name: 'encryption_key_id', since: '3.64' },
  { name: 'consumes_quota', since: '3.65' },
  { name: 'os-vol-host-attr:host', admin: true },
  { name: 'os-vol-mig-status-attr:migstat', admin: true },
  { name: 'os-vol-mig-status-attr:name_id', admin: true },
  { name: 'os-vol-tenant-attr:tenant_id' },
  { name: 'volume_image_metadata' },
];

const briefSnapshot = always(
  'id',
  'created_at',
  'updated_at',
  'name',
  'description',
  'volume_id',
  'status',
  'size',
  'metadata',
);
const snapshotFields: readonly Field[] = [
  ...briefSnapshot,
  { name: 'group_snapshot_id', since: '3.14' },
  { name: 'user_id', since: '3.41' },
  { name: 'consumes_quota', since: '3.65' },
  ...always('os-extended-snapshot-attributes:project_id', 'os-extended-snapshot-attributes:progress'),
];

const backupFields: readonly Field[] = [
  ...always(
    'id',
    'status',
    'size',
    'object_count',
    'availability_zone',
    'container',
    'created_at',
    'updated_at',
    'name',
  ),
  ...always(
    'description',
    'fail_reason',
    'volume_id',
    'links',
    'is_incremental',
    'has_dependent_backups',
    'snapshot_id',
  ),
  ...always('data_timestamp'),
  { name: 'metadata', since: '3.43' },
  { name: 'encryption_key_id', since: '3.64' },
  { name: 'os-backup-project-attr:project_id', since: '3.18', admin: true },
  { name: 'user_id', since: '3.56', admin: true },
];

const brief = always('id', 'name', 'links');

export type View = (asked: Asked, row: Row) => Body;

const view = (collection: string, fields: readonly Field[]): View => {
  return (asked, row) => {
    const body: Body = { ...bodyOfRow(row), links: linksOf(asked, collection, row.id) };
    const shown: Body = {};
    for (const { name, since, admin } of fields) {
      if (body[name] === undefined || (since && !atLeast(asked.microversion, since))) continue;
      if (admin && !asked.caller.isAdmin) continue;
      shown[name] = asShown(asked, name, body[name]);
    }
    return shown;
  };
};

export const views: Record<'volume' | 'snapshot' | 'backup', { readonly brief: View; readonly detailed: View }> = {
  volume: { brief: view('volumes', brief), detailed: view('volumes', volumeFields) },
  snapshot: { brief: view('snapshots', briefSnapshot), detailed: view('snapshots', snapshotFields) },
  backup: { brief: view('backups', brief), detailed: view('backups', backupFields) },
};

function asShown(asked: Asked, name: string, value: unknown): unknown {
  switch (name) {
    case 'attachments':
      return asked.caller.isAdmin ? value : (value as Body[]).map((one) => ({ ...one, host_name: null }));
    case 'shared_targets':
      // Unknown is told apart since 3.69; before that it was true.
      return value === null && !atLeast(asked.microversion, '3.69') ? true : value;
    default:
      return value;
  }
}

/** @param collection `volumes` */
export function linksOf(asked: Asked, collection: string, id: string) {
  const self = `${projectUrl(asked)}/${collection}/${id}`;
  return [
    { rel: 'self', href: self },
    { rel: 'bookmark', href: self.replace(`${asked.serviceUrl}${asked.service.version}`, asked.serviceUrl) },
  ];
}

/** What is shown of a resource whose site is silent: the state in which it was last seen. */
export const shownAsLastSeen = ({ kind }: Listed): PassOptions => ({
  lastSeen: (asked, row) => json(200, { [kind]: views[kind].detailed(asked, row) }),
});
