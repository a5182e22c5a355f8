/** Cinder's microversions. @see openstack/cinder:cinder/api/openstack/rest_api_version_history.rst */
import { adds, fields, harmless, lifted, parameters, paths, refused, type Step } from '../microversion-steps.js';
import { shows, snapshotsInUse, strictVolumes } from './cinder-lifts.js';

const own = 'the cascade answers this itself';
const zoneRefuses = 'the older zone refuses it in its own words';
const untold = (since: string, ...kinds: Parameters<typeof shows>[1][]) => ({ response: shows(since, ...kinds) });
const deletions = { path: /^\/volumes\/[^/]+$/ };
const groupActions = ['enable_replication', 'disable_replication', 'failover_replication', 'list_replication_targets'];
const transfers = ['transfer', 'transfers[]'];
const ofGroups = ['group', 'groups[]', 'group_snapshot', 'group_snapshots[]'];

export const cinderSteps: readonly Step[] = [
  refused(
    '3.1',
    'an upload to an image takes `visibility` and `protected`',
    fields('"visibility" or "protected" of an upload', [
      'os-volume_upload_image.visibility',
      'os-volume_upload_image.protected',
    ]),
  ),
  lifted('3.2', 'lists refuse a `bootable` that is no boolean', own),
  refused('3.3', 'messages', paths('messages', /^\/messages/)),
  lifted('3.4', 'volumes are filtered by `glance_metadata`', own),
  lifted('3.5', 'pages of messages', own),
  harmless('3.6', 'an empty name of a consistency group', zoneRefuses),
  refused('3.7', 'clusters', paths('clusters', /^\/clusters/)),
  refused(
    '3.8',
    '`/manageable_volumes` and `/manageable_snapshots`',
    paths('volumes to manage under this name', /^\/manageable_(volumes|snapshots)/),
  ),
  refused('3.9', 'backups are renamed', paths('other names of backups', /^\/backups\/[^/]+$/, ['PUT'])),
  lifted('3.10', 'volumes are filtered by `group_id`', own),
  refused('3.11', 'group types', paths('group types', /^\/group_types/)),
  refused('3.12', '`/volumes/summary`', paths('a summary of volumes', /^\/volumes\/summary$/)),
  refused(
    '3.13',
    'groups of volumes',
    paths('groups of volumes', /^\/groups/),
    fields('"group_id"', ['volume.group_id'], (id) => id !== null),
  ),
  lifted('3.13', 'volumes show `group_id`', 'none', untold('3.13', 'volume')),
  refused(
    '3.14',
    'snapshots of groups, and groups from them',
    paths('snapshots of groups', /^\/group_snapshots/),
    fields('groups from others', ['create-from-src']),
  ),
  lifted('3.14', 'snapshots show `group_snapshot_id`', 'none', untold('3.14', 'snapshot')),
  harmless('3.15', 'an `ETag` of metadata', 'a change without one is made as before'),
  refused(
    '3.16',
    'volumes are migrated to a cluster, and managed there',
    fields('"cluster"', ['os-migrate_volume.cluster', 'volume.cluster']),
  ),
  refused(
    '3.17',
    'what can be managed in a cluster',
    parameters(/^\/(manageable_|os-(volume|snapshot)-manage)/, 'cluster'),
  ),
  lifted('3.18', 'administrators see `os-backup-project-attr:project_id`', 'left out'),
  refused(
    '3.19',
    '`reset_status` of a snapshot of a group',
    paths('this action', /^\/group_snapshots\/[^/]+\/action$/),
  ),
  refused('3.20', '`reset_status` of a group', fields('the action reset_status', ['reset_status'])),
  lifted('3.21', 'administrators see `provider_id`', 'left out'),
  lifted('3.22', 'snapshots are filtered by `metadata`', own),
  refused('3.23', 'a deletion takes `force`', parameters(deletions.path, 'force')),
  refused('3.24', '`/workers/cleanup`', paths('a cleanup of services', /^\/workers\/cleanup$/)),
  refused('3.25', 'groups show their volumes', parameters(/^\/groups/, 'list_volume')),
  refused(
    '3.26',
    'services fail over by cluster',
    paths('this failover', /^\/os-services\/failover$/),
    fields('"cluster"', ['cluster']),
  ),
  refused('3.27', 'attachments', paths('attachments', /^\/attachments/)),
  refused('3.28', 'storage pools are filtered', {
    ...parameters(/^\/scheduler-stats\/get_pools$/, 'filter'),
    what: 'filters of storage pools',
    isIn: ({ path, query }) =>
      path === '/scheduler-stats/get_pools' && [...query.keys()].some((name) => name !== 'detail'),
  }),
  lifted('3.29', 'pages of snapshots of groups', own),
  lifted('3.30', 'snapshots are sorted by `name`', own),
  lifted('3.31', 'filters are a matter of configuration', own),
  refused('3.32', 'levels of logs', paths('levels of logs', /^\/os-services\/(set|get)-log$/)),
  refused('3.33', '`/resource_filters`', paths('a list of filters', /^\/resource_filters$/)),
  lifted('3.34', 'filters with `~`', own),
  harmless('3.35', 'storage pools are filtered by volume type', 'refused with 3.28'),
  lifted('3.36', 'the summary of volumes shows `metadata`', 'none', {
    response: adds(['volume-summary'], () => ({ metadata: {} })),
  }),
  lifted('3.37', 'backups are sorted by `name`', own),
  refused('3.38', 'replication of groups', fields('replication of groups', groupActions)),
  refused('3.39', 'limits of another project', parameters(/^\/limits$/, 'project_id', 'tenant_id')),
  refused('3.40', 'a volume is reverted to a snapshot', fields('the action revert', ['revert'])),
  lifted('3.41', 'snapshots show `user_id`', 'none', untold('3.41', 'snapshot')),
  harmless('3.42', 'a volume in use is extended', zoneRefuses),
  refused('3.43', 'backups have `metadata`', fields('"metadata" of a backup', ['backup.metadata'])),
  lifted('3.43', 'backups show `metadata`', 'none', untold('3.43', 'backup')),
  refused('3.44', 'an attachment is completed', fields('the action os-complete', ['os-complete'])),
  lifted('3.45', 'lists show a `count`', own),
  harmless(
    '3.46',
    'a volume of an image without bytes comes from its snapshot',
    'such an image belongs to a zone, which makes it as it can',
  ),
  refused(
    '3.47',
    'a volume is made from a backup',
    fields('"backup_id"', ['volume.backup_id'], (id) => id !== null),
  ),
  lifted('3.48', 'volumes show `shared_targets` and `service_uuid`', '`true`, and none', untold('3.48', 'volume')),
  lifted('3.49', 'services show `backend_state`', own),
  harmless('3.50', 'a volume is attached to several servers', zoneRefuses),
  refused(
    '3.51',
    'a backup takes `availability_zone`',
    fields('"availability_zone" of a backup', ['backup.availability_zone'], (zone) => zone !== null),
  ),
  refused('3.52', 'volume types are filtered by `extra_specs`', parameters(/^\/types$/, 'extra_specs')),
  lifted('3.53', 'a create takes no fields that there are not', 'the cascade refuses them', strictVolumes),
  refused(
    '3.54',
    'an attachment takes `mode`',
    fields('"mode" of an attachment', ['attachment.mode'], (mode) => mode !== null),
  ),
  refused('3.55', 'a transfer takes the snapshots along', paths('transfers with snapshots', /^\/volume-transfers/)),
  lifted('3.56', 'administrators see `user_id` of backups', 'left out'),
  lifted('3.57', 'transfers show whose they were and become', 'none', {
    response: adds(transfers, () => ({ source_project_id: null, destination_project_id: null, accepted: false })),
  }),
  lifted('3.58', 'groups show `project_id`', 'none', { response: adds(ofGroups, () => ({ project_id: null })) }),
  lifted('3.59', 'pages of transfers', own),
  lifted('3.60', 'volumes are filtered by time', own),
  lifted('3.61', 'administrators see `cluster_name`', 'left out'),
  refused('3.62', 'default types of projects', paths('default types of projects', /^\/default-types/)),
  lifted('3.63', 'volumes show `volume_type_id`', 'none', untold('3.63', 'volume')),
  lifted('3.64', 'encrypted volumes show `encryption_key_id`', 'left out'),
  lifted('3.65', 'volumes and snapshots show `consumes_quota`', '`true`', untold('3.65', 'volume', 'snapshot')),
  lifted('3.66', 'a volume in use has snapshots without `force`', 'the cascade adds it for the zone', snapshotsInUse),
  lifted('3.67', 'paths without a project', own),
  refused('3.68', 'a volume gets another image', fields('the action os-reimage', ['os-reimage'])),
  harmless('3.69', '`shared_targets` may be `null`', 'the older zone says `true` or `false`'),
  harmless('3.70', 'encrypted volumes are transferred', zoneRefuses),
  refused(
    '3.71',
    'Nova tells that a volume is extended',
    fields('the action os-extend_volume_completion', ['os-extend_volume_completion']),
  ),
];
