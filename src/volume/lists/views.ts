/** Stored volumes, snapshots and backups as Cinder shows them at a microversion, to a tenant or to an administrator. */
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { fieldsSince } from '@cascade/openstack-protocol/volume/cinder-lifts.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { bodyOfRow, type Row } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import { projectUrl } from '@cascade/openstack-protocol/volume/cinder-paging.js';
import type { PassOptions } from '../../routing/pass.js';
import type { CinderList } from '@cascade/openstack-protocol/volume/cinder-lists.js';

interface Field {
  readonly name: string;
  /** First microversion that shows it. */
  readonly since?: string;
  /** What it holds where the site is too old to tell. */
  readonly untold?: unknown;
  /** True where tenants never see it. */
  readonly admin?: true;
}

const always = (...names: string[]): Field[] => names.map((name) => ({ name }));

/** What came with a microversion. @param admins the names of those that tenants never see */
const later = (kind: keyof typeof fieldsSince, ...admins: string[]): Field[] =>
  Object.entries(fieldsSince[kind]).map(([name, [since, untold]]) => ({
    name,
    since,
    untold,
    ...(admins.includes(name) ? { admin: true } : {}),
  }));

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
  ...later('volume', 'provider_id', 'cluster_name'),
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
  ...later('snapshot'),
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
  ...later('backup', 'os-backup-project-attr:project_id', 'user_id'),
];

const brief = always('id', 'name', 'links');

export type View = (asked: Asked, row: Row) => Body;

const view = (collection: string, fields: readonly Field[]): View => {
  return (asked, row) => {
    const body: Body = { ...bodyOfRow(row), links: linksOf(asked, collection, row.id) };
    const shown: Body = {};
    for (const { name, since, untold, admin } of fields) {
      const value = body[name] === undefined ? untold : body[name];
      if (value === undefined || (since && !atLeast(asked.microversion, since))) continue;
      if (admin && !asked.caller.isAdmin) continue;
      shown[name] = asShown(asked, name, value);
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
export const shownAsLastSeen = ({ kind }: CinderList): PassOptions => ({
  lastSeen: (asked, row) => json(200, { [kind]: views[kind].detailed(asked, row) }),
});
