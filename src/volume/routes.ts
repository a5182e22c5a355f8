/** Cinder's route table. */
import { route, type Route } from '../openstack/route.js';
import { passToHome } from '../routing/any-site.js';
import type { World } from '../routing/world.js';
import { attachmentRoutes } from './attachment-routes.js';
import { backupRoutes } from './backups/backup-routes.js';
import { consistencyGroupRoutes } from './groups/consistency-group-routes.js';
import { groupRoutes } from './groups/group-routes.js';
import { manageRoutes } from './hosts/manage-routes.js';
import { operatorRoutes } from './hosts/operator-routes.js';
import { messageRoutes } from './message-routes.js';
import { orVolumePlaceholder } from './placeholders/placeholder-routes.js';
import { quotaRoutes } from './quotas/quota-routes.js';
import { snapshotRoutes } from './snapshot-routes.js';
import { transferRoutes } from './transfers/transfer-routes.js';
import { defaultTypeRoutes, groupTypeRoutes, qosRoutes, volumeTypeRoutes } from './types/type-routes.js';
import { volumeRoutes as volumes } from './volumes/volume-routes.js';
import { listZones } from './zones.js';

export const volumeRoutes = (world: World): Route[] => [
  ...volumes(world).map(orVolumePlaceholder(world)),
  ...snapshotRoutes(world),
  ...backupRoutes(world),
  ...groupRoutes(world),
  ...consistencyGroupRoutes(world),
  ...transferRoutes(world),
  ...attachmentRoutes(world),
  ...messageRoutes(world),
  ...volumeTypeRoutes(world),
  ...groupTypeRoutes(world),
  ...qosRoutes(world),
  ...defaultTypeRoutes(world),
  ...quotaRoutes(world),
  ...operatorRoutes(world),
  ...manageRoutes(world),
  route('GET /os-availability-zone', 'reader', listZones(world)),
  route('GET /extensions', 'reader', passToHome(world)),
  route('GET /extensions/{alias}', 'reader', passToHome(world)),
  route('GET /resource_filters', 'reader', passToHome(world), { since: '3.33' }),
];
