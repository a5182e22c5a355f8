/** A project's limits, and how near it is to them. @see openstack/nova:nova/api/openstack/compute/views/limits.py */
import { json } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../cloud.js';
import { usedBy } from './quota-check.js';

export const limitRoutes = (cloud: Cloud): Route[] => [
  route('GET /limits', 'reader', async (asked) =>
    json(200, { limits: { rate: [], absolute: absolute(cloud, asked) } }),
  ),
];

function absolute(cloud: Cloud, asked: Asked): Record<string, number> {
  const { caller, query } = asked;
  const projectId = (caller.isAdmin ? query.get('tenant_id') : null) ?? caller.projectId ?? '';
  const limits = cloud.quotas.of(projectId);
  const used = usedBy(cloud, projectId);
  return {
    maxTotalInstances: limits.instances,
    maxTotalCores: limits.cores,
    maxTotalRAMSize: limits.ram,
    maxServerMeta: limits.metadata_items,
    ...(atLeast(asked.microversion, '2.39') ? {} : { maxImageMeta: limits.metadata_items }),
    ...(atLeast(asked.microversion, '2.57')
      ? {}
      : {
          maxPersonality: limits.injected_files,
          maxPersonalitySize: limits.injected_file_content_bytes,
        }),
    maxTotalKeypairs: limits.key_pairs,
    maxServerGroups: limits.server_groups,
    maxServerGroupMembers: limits.server_group_members,
    ...(atLeast(asked.microversion, '2.36')
      ? {}
      : {
          maxTotalFloatingIps: limits.floating_ips,
          maxSecurityGroups: limits.security_groups,
          maxSecurityGroupRules: limits.security_group_rules,
          totalFloatingIpsUsed: 0,
          totalSecurityGroupsUsed: 0,
        }),
    totalRAMUsed: used.ram,
    totalCoresUsed: used.cores,
    totalInstancesUsed: used.instances,
    totalServerGroupsUsed: cloud.serverGroups.of(projectId).length,
  };
}
