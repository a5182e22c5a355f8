/** Nova's route table in a simulated cloud. */
import type { Route } from '@cascade/openstack-protocol/server/route.js';
import { checkedBy, newerNovaSchemas, novaSchemas } from '@cascade/openstack-adapter/schemas/request-schemas.js';
import { extensionRoutes } from '@cascade/openstack-adapter/compute/extensions.js';
import { aggregateRoutes } from './hosts/aggregate-routes.js';
import type { Cloud } from './cloud.js';
import { assistedSnapshotRoutes } from './assisted-snapshots.js';
import { attachmentRoutes } from './attachments.js';
import { remoteConsoleRoutes } from './actions/console-actions.js';
import { externalEventRoutes } from './external-events.js';
import { flavorRoutes } from './flavors/flavor-routes.js';
import { hypervisorRoutes } from './hosts/hypervisors.js';
import { interfaceRoutes } from './interfaces.js';
import { limitRoutes } from './quotas/limits.js';
import { metadataRoutes } from './servers/metadata.js';
import { quotaRoutes } from './quotas/quota-routes.js';
import { addressRoutes } from './servers/server-addresses.js';
import { serverDetailRoutes } from './servers/server-details.js';
import { serverRoutes } from './servers/server-routes.js';
import { serviceRoutes } from './hosts/services.js';
import { tagRoutes } from './servers/tags.js';
import { usageRoutes } from './quotas/usage.js';
import { zoneRoutes } from './hosts/zones.js';
import { shareRoutes } from './servers/shares.js';
import { serverGroupRoutes } from './server-group-routes.js';
import { keyPairRoutes } from './key-pair-routes.js';
import { migrationRoutes } from './hosts/migration-routes.js';
import { journalRoutes } from './actions/journal-routes.js';

export const computeRoutes = (cloud: Cloud): Route[] =>
  checkedBy(isOlder(cloud) ? novaSchemas : newerNovaSchemas, [
    ...serverRoutes(cloud),
    ...addressRoutes(cloud),
    ...metadataRoutes(cloud),
    ...tagRoutes(cloud),
    ...interfaceRoutes(cloud),
    ...attachmentRoutes(cloud),
    ...journalRoutes(cloud),
    ...remoteConsoleRoutes(cloud),
    ...serverDetailRoutes(cloud),
    ...migrationRoutes(cloud),
    ...flavorRoutes(cloud),
    ...keyPairRoutes(cloud),
    ...serverGroupRoutes(cloud),
    ...quotaRoutes(cloud),
    ...limitRoutes(cloud),
    ...usageRoutes(cloud),
    ...zoneRoutes(cloud),
    ...hypervisorRoutes(cloud),
    ...serviceRoutes(cloud),
    ...aggregateRoutes(cloud),
    ...externalEventRoutes(cloud),
    ...assistedSnapshotRoutes(cloud),
    ...shareRoutes(cloud),
    ...extensionRoutes(),
  ]);

const isOlder = ({ releaseName }: Cloud): boolean => !releaseName.startsWith('2026');
