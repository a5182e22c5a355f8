/** What tests of a cascade over the zones `east` and `west` begin with. */
import { randomUUID } from 'node:crypto';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Site, SiteRequest } from '../src/sites/site.js';
import type { Answer } from './cascade.js';
import type { Ask, SimulatedCascade, Tenant } from './simulated-cascade.js';

export type Zone = 'east' | 'west';
export const zones = ['east', 'west'] as const;
export const other = (zone: Zone): Zone => (zone === 'east' ? 'west' : 'east');

/** A member of a project that has nothing yet. */
export const newProject = (cloud: SimulatedCascade): Promise<Tenant> => cloud.tenant(`project-${randomUUID()}`);

/** Reads all sites' rows of some kinds, now. */
export async function readAll(cloud: SimulatedCascade, ...kinds: string[]): Promise<void> {
  const { world } = cloud.cascade;
  for (const kind of kinds)
    for (const site of world.sites.all()) await world.reader.readAll(world.kinds.get(kind)!, site);
}

/** A flavor and an image with which servers can be made in both zones. */
export async function toBootFrom(cloud: SimulatedCascade): Promise<{ flavorRef: string; imageRef: string }> {
  const { body } = await cloud.admin('GET /compute/v2.1/flavors');
  return { flavorRef: body.flavors[0].id, imageRef: cloud.east.cloud.images.initialIds[0]! };
}

/** The administrator as the rooms of the cascade know who asks. */
export async function adminCaller(cloud: SimulatedCascade): Promise<Caller> {
  const keyPair = await cloud.admin('POST /compute/v2.1/os-keypairs', { keypair: { name: 'who' } }, 'compute 2.10');
  const group = await cloud.admin('POST /compute/v2.1/os-server-groups', {
    server_group: { name: 'whose', policy: 'affinity' },
  });
  const { user_id: userId } = keyPair.body.keypair as { user_id: string };
  const { project_id: projectId } = group.body.server_group as { project_id: string };
  return { token: cloud.token, userId, projectId, roles: ['admin'], isAdmin: true };
}

/** A site whose requests pass through `change`; as a site of its own, so that no reconciler thinks it has just looked. */
export function intercepted(
  site: Site,
  change: (asked: SiteRequest, send: () => ReturnType<Site['request']>) => ReturnType<Site['request']>,
): Site {
  return Object.create(site, {
    name: { value: `${site.name}-${randomUUID()}` },
    request: {
      value: (asked: SiteRequest, as?: Parameters<Site['request']>[1]) => change(asked, () => site.request(asked, as)),
    },
  }) as Site;
}

/** A rule by which a security group lets in one TCP port. */
export const allow = (ask: Ask, group: string, port: number, more: Record<string, unknown> = {}): Promise<Answer> =>
  ask('POST /network/v2.0/security-group-rules', {
    security_group_rule: {
      security_group_id: group,
      direction: 'ingress',
      protocol: 'tcp',
      port_range_min: port,
      port_range_max: port,
      ...more,
    },
  });
