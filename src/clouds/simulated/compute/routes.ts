/** Nova's route table in a simulated cloud. */
import type { Route } from '../../../openstack/route.js';
import type { Cloud } from '../cloud.js';
import { aggregateRoutes } from './aggregates.js';
import { attachmentRoutes } from './attachments.js';
import { remoteConsoleRoutes } from './console-actions.js';
import { extensionRoutes } from './extensions.js';
import { externalEventRoutes } from './external-events.js';
import { flavorRoutes } from './flavor-routes.js';
import { hypervisorRoutes } from './hypervisors.js';
import { interfaceRoutes } from './interfaces.js';
import { journalRoutes } from './journal.js';
import { keyPairRoutes } from './key-pairs.js';
import { limitRoutes } from './limits.js';
import { metadataRoutes } from './metadata.js';
import { migrationRoutes } from './migrations.js';
import { quotaRoutes } from './quota-routes.js';
import { addressRoutes } from './server-addresses.js';
import { serverDetailRoutes } from './server-details.js';
import { serverGroupRoutes } from './server-groups.js';
import { serverRoutes } from './server-routes.js';
import { serviceRoutes } from './services.js';
import { tagRoutes } from './tags.js';
import { usageRoutes } from './usage.js';
import { zoneRoutes } from './zones.js';

export const computeRoutes = (cloud: Cloud): Route[] => [
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
  ...extensionRoutes(),
];
