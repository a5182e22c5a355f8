/** What Nova shows its operators, and what is counted for tenants over all sites. */
import type { Route } from '@cascade/openstack-protocol/server/route.js';
import type { World } from '../routing/world.js';
import { aggregateRoutes } from './hosts/aggregates.js';
import { auditLogRoutes } from './audit-log.js';
import { externalEventRoutes } from './external-events.js';
import { hostRoutes } from './hosts/hosts.js';
import { hypervisorRoutes } from './hosts/hypervisors.js';
import { limitRoutes } from './quotas/limits.js';
import { migrationRoutes } from './hosts/migrations-list.js';
import { quotaRoutes } from './quotas/quotas.js';
import { removedRoutes } from './removed.js';
import { serviceRoutes } from './hosts/services.js';
import { usageRoutes } from './quotas/usage.js';
import { zoneRoutes } from './hosts/zones-list.js';

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
