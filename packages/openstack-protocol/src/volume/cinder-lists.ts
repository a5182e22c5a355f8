/** Lists of volumes, snapshots and backups, and what each may be asked for. */
import { atLeast } from '../microversion.js';
import type { Asked } from '../server/route.js';

export interface CinderList {
  /** Cinder's name of the resource, and its word for one in its messages. */
  readonly kind: 'volume' | 'snapshot' | 'backup';
  readonly word: string;
  /** What tenants may filter by from 3.31 on. @see openstack/cinder:etc/cinder/resource_filters.json */
  readonly tenantFilters: readonly string[];
  /** What they may filter by before; other filters are dropped without a word. */
  readonly earlyFilters: readonly string[];
  /** First microversion of a filter, until 3.31 made all of them one mechanism. */
  readonly filterSince: Readonly<Record<string, string>>;
  /** First microversion that sorts by `name`; before that it is no sort key. */
  readonly sortsByNameSince: string;
  /** Columns of the database's table: what administrators filter and everybody sorts by. */
  readonly columns: ReadonlySet<string>;
  /** What else Cinder's model has, which it takes as a sort key and which gives no order. @see openstack/cinder:cinder/db/sqlalchemy/models.py */
  readonly relationships: ReadonlySet<string>;
  readonly booleans: ReadonlySet<string>;
}

const common = [
  'id',
  'user_id',
  'project_id',
  'status',
  'display_name',
  'display_description',
  'created_at',
  'updated_at',
  'deleted_at',
  'deleted',
];

const volumeFilters = [
  'name',
  'status',
  'metadata',
  'bootable',
  'migration_status',
  'availability_zone',
  'group_id',
  'size',
  'created_at',
  'updated_at',
  'consumes_quota',
];

export const listedVolumes: CinderList = {
  kind: 'volume',
  word: 'Volume',
  tenantFilters: volumeFilters,
  earlyFilters: volumeFilters,
  filterSince: { glance_metadata: '3.4', group_id: '3.10', created_at: '3.60', updated_at: '3.60', use_quota: '3.65' },
  sortsByNameSince: '3.0',
  columns: new Set([
    ...common,
    '_name_id',
    'ec2_id',
    'snapshot_id',
    'cluster_name',
    'host',
    'size',
    'availability_zone',
    'attach_status',
    'migration_status',
    'scheduled_at',
    'launched_at',
    'terminated_at',
    'provider_location',
    'provider_auth',
    'provider_geometry',
    'provider_id',
    'volume_type_id',
    'source_volid',
    'encryption_key_id',
    'consistencygroup_id',
    'group_id',
    'bootable',
    'multiattach',
    'replication_status',
    'replication_extended_status',
    'replication_driver_data',
    'previous_status',
    'service_uuid',
    'shared_targets',
    'use_quota',
  ]),
  relationships: new Set([
    'consistencygroup',
    'group',
    'service',
    'volume_type',
    'volume_attachment',
    'volume_metadata',
    'volume_admin_metadata',
    'volume_glance_metadata',
  ]),
  booleans: new Set(['bootable', 'multiattach', 'shared_targets', 'use_quota', 'deleted']),
};

export const listedSnapshots: CinderList = {
  kind: 'snapshot',
  word: 'Snapshot',
  tenantFilters: ['name', 'status', 'volume_id', 'metadata', 'availability_zone', 'consumes_quota'],
  earlyFilters: ['name', 'status', 'volume_id', 'metadata'],
  filterSince: { metadata: '3.22', use_quota: '3.65' },
  sortsByNameSince: '3.30',
  columns: new Set([
    ...common,
    'volume_id',
    'cgsnapshot_id',
    'group_snapshot_id',
    'progress',
    'volume_size',
    'scheduled_at',
    'use_quota',
    'encryption_key_id',
    'volume_type_id',
    'provider_location',
    'provider_id',
    'provider_auth',
  ]),
  relationships: new Set(['volume', 'snapshot_metadata', 'cgsnapshot', 'group_snapshot']),
  booleans: new Set(['use_quota', 'deleted']),
};

export const listedBackups: CinderList = {
  kind: 'backup',
  word: 'Backup',
  tenantFilters: ['name', 'status', 'volume_id'],
  earlyFilters: ['name', 'status', 'volume_id'],
  filterSince: {},
  sortsByNameSince: '3.37',
  columns: new Set([
    ...common,
    'volume_id',
    'host',
    'availability_zone',
    'container',
    'parent_id',
    'fail_reason',
    'service_metadata',
    'service',
    'size',
    'object_count',
    'temp_volume_id',
    'temp_snapshot_id',
    'num_dependent_backups',
    'snapshot_id',
    'data_timestamp',
    'restore_volume_id',
    'encryption_key_id',
  ]),
  relationships: new Set(),
  booleans: new Set(['deleted']),
};

/** The column that a key of `sort` stands for; undefined for what cannot be sorted by. */
export function sortColumn(
  { microversion }: Pick<Asked, 'microversion'>,
  { columns, sortsByNameSince }: Pick<CinderList, 'columns' | 'sortsByNameSince'>,
  key: string,
): string | undefined {
  // Groups have a name of their own, volumes and their kin a display name.
  if (key === 'name' && !columns.has(key)) return atLeast(microversion, sortsByNameSince) ? 'display_name' : undefined;
  return columns.has(key) ? key : undefined;
}
