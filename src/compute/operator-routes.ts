/** What Nova shows its operators, and what is counted for tenants over all sites. */
import type { Route } from '../openstack/route.js';
import type { World } from '../routing/world.js';
import { aggregateRoutes } from './aggregates.js';
import { auditLogRoutes } from './audit-log.js';
import { externalEventRoutes } from './external-events.js';
import { hostRoutes } from './hosts.js';
import { hypervisorRoutes } from './hypervisors.js';
import { limitRoutes } from './limits.js';
import { migrationRoutes } from './migrations-list.js';
import { quotaRoutes } from './quotas.js';
import { removedRoutes } from './removed.js';
import { serviceRoutes } from './services.js';
import { usageRoutes } from './usage.js';
import { zoneRoutes } from './zones-list.js';

export const operatorRoutes = (world: World): Route[] => [
  ...zoneRoutes(world),
  ...hypervisorRoutes(world),
  ...serviceRoutes(world),
  ...hostRoutes(world),
  ...aggregateRoutes(world),
  ...quotaRoutes(world),
  ...limitRoutes(world),
  ...usageRoutes(world),
  ...auditLogRoutes(world),
  ...migrationRoutes(world),
  ...externalEventRoutes(world),
  ...removedRoutes(),
];
