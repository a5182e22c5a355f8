/** Neutron's quotas. */
import { overQuota } from '@cascade/openstack-adapter/network/faults.js';
import { rowsIn, type Parts } from '../state/part.js';

/** Names are the API's; -1 is without limit. */
export const usualLimits = {
  network: 1000,
  subnet: 1000,
  subnetpool: -1,
  port: 50_000,
  router: 1000,
  floatingip: 5000,
  rbac_policy: 1000,
  security_group: 1000,
  security_group_rule: 10_000,
  trunk: -1,
} as const;

export type Limited = keyof typeof usualLimits;

export const isLimited = (name: string): name is Limited => Object.hasOwn(usualLimits, name);

export class Limits {
  private readonly own = new Map<string, Partial<Record<Limited, number>>>();

  of(projectId: string): Record<Limited, number> {
    return { ...usualLimits, ...this.own.get(projectId) };
  }

  /** Projects that have limits of their own. */
  projects(): string[] {
    return [...this.own.keys()];
  }

  set(projectId: string, limits: Partial<Record<Limited, number>>): void {
    this.own.set(projectId, { ...this.own.get(projectId), ...limits });
  }

  parts(): Parts {
    return { 'network quota': rowsIn(this.own) };
  }

  /** @returns false where it had none */
  forget(projectId: string): boolean {
    return this.own.delete(projectId);
  }

  /** @throws Fault 409 where one more would be too many */
  requireRoom(projectId: string, name: Limited, used: number): void {
    const limit = this.own.get(projectId)?.[name] ?? usualLimits[name];
    if (limit >= 0 && used + 1 > limit) throw overQuota(name);
  }
}
