/** What Nova allows of aggregates that are zones. @see openstack/nova:nova/compute/api.py AggregateAPI.is_safe_to_update_az */
import { pythonRepr } from '@cascade/openstack-protocol/compute/nova-schema.js';
import type { Queryable } from '../../database/database.js';
import type { World } from '../../routing/world.js';
import type { Body } from '../../resources/kind.js';
import type { Site } from '../../sites/site.js';
import { anyServerAt } from './site-servers.js';

/** An aggregate as the cascade keeps it; its hosts are sites. */
export interface Aggregate extends Body {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** The same as in the metadata: what placement looks for. */
  readonly availability_zone: string | null;
  readonly created_at: string;
  readonly updated_at: string | null;
}

/** Why `aggregate` cannot be the zone `zone` over `hosts`; undefined where it can. */
export function zoneProblem(
  world: World,
  all: readonly Aggregate[],
  aggregate: Aggregate,
  zone: string | null,
  hosts: readonly string[],
): string | undefined {
  if (!zone) return `Aggregate ${aggregate.name} does not support empty named availability zone`;
  const conflicting = all
    .filter((one) => one.id !== aggregate.id && one.availability_zone !== null && one.availability_zone !== zone)
    .filter((one) => one.hosts.some((host) => hosts.includes(host)))
    .map((one) => one.availability_zone);
  if (conflicting.length > 0) return `One or more hosts already in availability zone(s) ${pythonRepr(conflicting)}`;
  // A site is a zone of its own: who asks for it must not be sent elsewhere.
  const [other] = hosts.filter((host) => host !== zone);
  if (world.sites.byName(zone) && other)
    return `Availability zone ${zone} is site ${zone}, and ${other} is another site`;
  return undefined;
}

/** A zone is not renamed under the servers in it. */
export async function renameProblem(
  world: World,
  tx: Queryable,
  aggregate: Aggregate,
  zone: string,
): Promise<string | undefined> {
  if (aggregate.availability_zone === zone || aggregate.hosts.length === 0) return undefined;
  const sites = aggregate.hosts
    .map((host) => world.sites.byName(host))
    .filter((site): site is Site => site !== undefined);
  return (await anyServerAt(tx, sites)) ? 'One or more hosts contain instances in this zone' : undefined;
}
