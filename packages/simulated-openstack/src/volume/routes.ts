/** Cinder's API of a simulated cloud. Paths are below /v3 and the project. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { checkedBy, cinderSchemas } from '@cascade/openstack-adapter/schemas/request-schemas.js';
import { attachmentRoutes } from './attachments.js';
import { backupRecordRoutes } from './backup-records.js';
import { backupRoutes } from './backups.js';
import { defaultTypeRoutes } from './default-types.js';
import { groupSnapshotRoutes } from './group-copies.js';
import { groupTypeRoutes } from './group-types.js';
import { groupRoutes } from './groups.js';
import { hostRoutes } from './hosts.js';
import { listedBackups, listedSnapshots, listedVolumes } from './listed.js';
import { manageRoutes } from './manage.js';
import { messageRoutes } from './message-routes.js';
import { qosRoutes } from './qos.js';
import { quotaRoutes } from './quota-routes.js';
import { serviceRoutes } from './services.js';
import { snapshotRoutes } from './snapshots.js';
import { transferRoutes } from './transfers.js';
import { typeRoutes } from './types.js';
import { volumeCrud } from './volume-routes.js';
import type { Volumes } from './volumes.js';

export interface VolumeCloud {
  readonly volumes: Volumes;
}

export const volumeRoutes = ({ volumes }: VolumeCloud): Route[] =>
  checkedBy(cinderSchemas, [
    ...volumeCrud(volumes),
    ...snapshotRoutes(volumes),
    ...backupRoutes(volumes),
    ...backupRecordRoutes(volumes),
    ...typeRoutes(volumes),
    ...qosRoutes(volumes),
    ...transferRoutes(volumes),
    ...groupTypeRoutes(volumes),
    ...groupRoutes(volumes),
    ...groupSnapshotRoutes(volumes),
    ...attachmentRoutes(volumes),
    ...quotaRoutes(volumes),
    ...defaultTypeRoutes(volumes),
    ...manageRoutes(volumes),
    ...messageRoutes(volumes),
    ...serviceRoutes(volumes),
    ...hostRoutes(volumes),
    ...documents(volumes),
  ]);

const extensions = [
  ['AvailabilityZones', 'os-availability-zone', 'Describe Availability Zones.'],
  ['Backups', 'backups', 'Backups support.'],
  ['Hosts', 'os-hosts', 'Admin-only host administration.'],
  ['QosSpecsManage', 'qos-specs', 'QoS specs support.'],
  ['QuotaClasses', 'os-quota-class-sets', 'Quota classes management support.'],
  ['Quotas', 'os-quota-sets', 'Quota management support.'],
  ['SchedulerStats', 'scheduler-stats', 'Scheduler stats support.'],
  ['Services', 'os-services', 'Services support.'],
  ['SnapshotActions', 'os-snapshot-actions', 'Enable snapshot manager actions.'],
  ['TypesExtraSpecs', 'os-types-extra-specs', 'Type extra specs support.'],
  ['UsedLimits', 'os-used-limits', 'Provide data on limited resources that are being used.'],
  ['VolumeActions', 'os-volume-actions', 'Enable volume actions.'],
  ['VolumeImageMetadata', 'os-vol-image-meta', 'Show image metadata associated with the volume.'],
  ['VolumeTransfer', 'os-volume-transfer', 'Volume transfer management support.'],
  ['VolumeTypeAccess', 'os-volume-type-access', 'Volume type access support.'],
  ['VolumeTypeEncryption', 'encryption', 'Encryption support for volume types.'],
].map(([name, alias, description]) => ({ name, alias, description, updated: '2012-05-31T00:00:00+00:00', links: [] }));

function documents(volumes: Volumes): Route[] {
  const zone = { zoneName: volumes.zone, zoneState: { available: true } };
  const filters = [listedVolumes, listedSnapshots, listedBackups]
    .map((listed) => listed(volumes))
    .map(({ kind, tenantFilters }) => ({ resource: kind, filters: tenantFilters }));
  return [
    route('GET /os-availability-zone', 'reader', async () => json(200, { availabilityZoneInfo: [zone] })),
    route('GET /extensions', 'reader', async () => json(200, { extensions })),
    route('GET /extensions/{alias}', 'reader', async ({ params: { alias } }) => {
      const extension = extensions.find((one) => one.alias === alias);
      if (extension) return json(200, { extension });
      throw new Fault('not-found', 'The resource could not be found.');
    }),
    route('GET /resource_filters', 'reader', async () => json(200, { resource_filters: filters }), { since: '3.33' }),
  ];
}
