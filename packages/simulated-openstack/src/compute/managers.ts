/** What a project's manager may do since 2025.1 that was an administrator's before. @see openstack/nova:nova/policies/base.py */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Persona } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from './cloud.js';

type Aged = Pick<Cloud, 'releaseName'>;

const hasManagers = ({ releaseName }: Aged): boolean => releaseName.startsWith('2026');

export const managerIn = (cloud: Aged): Persona => (hasManagers(cloud) ? 'manager' : 'admin');

export const mayManage = (cloud: Aged, { isAdmin, roles }: Caller): boolean =>
  isAdmin || (hasManagers(cloud) && roles.includes('manager'));

const hosts = ['source_node', 'dest_node', 'source_compute', 'dest_compute', 'dest_host'];

/** A migration without the hosts that only administrators are told. */
export const forManager = (caller: Caller, migration: Record<string, unknown>): Record<string, unknown> =>
  caller.isAdmin ? migration : { ...migration, ...Object.fromEntries(hosts.map((name) => [name, null])) };
