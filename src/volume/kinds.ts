/** The kinds of resources Cinder has in one site. */
import type { KindFeed, Kind, Body } from '../resources/kind.js';
import { speaks, type SiteCapabilities } from '../sites/site.js';
import { backupFacts, snapshotFacts, volumeFacts } from './lists/facts.js';
import { mergeSeenVolume } from './volumes/merge-seen.js';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Canonical bodies are the administrator's, at this microversion or the site's last. */
const canonical = '3.70';

const feed = (collection: string, changed?: KindFeed['changed']): KindFeed => ({
  path: `${collection}/detail`,
  microversion: canonical,
  everything: { all_tenants: '1' },
  ofProject: (projectId) => ({ project_id: projectId }),
  ...(changed ? { changed } : {}),
  ids: { path: collection, query: { all_tenants: '1' } },
  page: 1000,
});

/**
 * Volumes alone can be asked for what changed: snapshots and backups take `updated_at` for a value to be equal to.
 * A volume that never changed has no `updated_at`, so new ones are asked for by `created_at`.
 * @see openstack/cinder:cinder/api/v3/volumes.py _handle_time_comparison_filters
 */
function changedVolumes(since: Date, capabilities: SiteCapabilities): Record<string, string>[] | undefined {
  if (!speaks({ capabilities }, 'volume', '3.60')) return undefined;
  const from = `gte:${since.toISOString().replace(/\.\d+Z$/, 'Z')}`;
  return [{ updated_at: from }, { created_at: from }];
}

/** Drops what must not rest in the database: an attachment's credentials, a transfer's key. */
const without =
  (...secret: string[]) =>
  (seen: Body, known: Body | undefined): Body =>
    Object.fromEntries(Object.entries({ ...known, ...seen }).filter(([key]) => !secret.includes(key)));

/** Storage does not leave its site; an image does. */
const elsewhere =
  'Volumes, their snapshots and backups are used in their own zone: to have their data in another one, upload the ' +
  'volume (or one made from the snapshot or backup) to an image, and create a volume from that image there.';

const minor = (name: string, collection: string, key: string, mergeSeen?: Kind['mergeSeen']): Kind => ({
  name,
  service: 'volume',
  collection,
  key,
  keys: `${key}s`,
  isPrivate: true,
  ...(mergeSeen ? { mergeSeen } : {}),
});

export const volumeKinds: readonly Kind[] = [
  {
    ...minor('volume', '/volumes', 'volume', mergeSeenVolume),
    elsewhere,
    keepsSite: true,
    tiesProject: 'stored',
    projectOf: (body) => text(body['os-vol-tenant-attr:tenant_id']),
    factsOf: volumeFacts,
    feed: feed('/volumes', changedVolumes),
  },
  {
    ...minor('snapshot', '/snapshots', 'snapshot'),
    elsewhere,
    keepsSite: true,
    tiesProject: 'stored',
    projectOf: (body) => text(body['os-extended-snapshot-attributes:project_id']),
    factsOf: snapshotFacts,
    feed: feed('/snapshots'),
  },
  {
    ...minor('backup', '/backups', 'backup', without('links')),
    elsewhere,
    keepsSite: true,
    tiesProject: 'stored',
    projectOf: (body) => text(body['os-backup-project-attr:project_id']),
    factsOf: backupFacts,
    feed: feed('/backups'),
  },
  minor('volume_transfer', '/os-volume-transfer', 'transfer', without('auth_key', 'links')),
  { ...minor('volume_group', '/groups', 'group'), elsewhere },
  { ...minor('group_snapshot', '/group_snapshots', 'group_snapshot'), elsewhere },
  minor('volume_attachment', '/attachments', 'attachment', without('connection_info')),
  minor('volume_message', '/messages', 'message'),
  minor('consistencygroup', '/consistencygroups', 'consistencygroup'),
  minor('cgsnapshot', '/cgsnapshots', 'cgsnapshot'),
];
