/** Whether a project may have more, and how much it has. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Cloud } from '../cloud.js';

export interface Used {
  readonly instances: number;
  readonly cores: number;
  /** MiB. */
  readonly ram: number;
}

export function usedBy(cloud: Cloud, projectId: string): Used {
  const used = { instances: 0, cores: 0, ram: 0 };
  for (const { deletedAt, flavorId } of cloud.servers.ofProject(projectId)) {
    if (deletedAt !== null) continue;
    const { vcpus, ram } = cloud.flavors.ever(flavorId);
    used.instances += 1;
    used.cores += vcpus;
    used.ram += ram;
  }
  return used;
}

/** @throws Fault 403 in Nova's words */
export function requireRoom(cloud: Cloud, projectId: string, wanted: Partial<Used>): void {
  const limits = cloud.quotas.of(projectId);
  const limited = (Object.keys(wanted) as (keyof Used)[]).filter((name) => limits[name] >= 0 && wanted[name]! > 0);
  if (limited.length === 0) return; // counting is spared where nothing limits
  const used = usedBy(cloud, projectId);
  const over = limited.filter((name) => used[name] + wanted[name]! > limits[name]).sort();
  if (over.length === 0) return;
  const each = (values: Partial<Used>): string => over.map((name) => values[name]).join(', ');
  const words = `Quota exceeded for ${over.join(', ')}: Requested ${each(wanted)}, but already used ${each(used)} of ${each(limits)} ${over.join(', ')}`;
  throw new Fault('forbidden', words);
}
