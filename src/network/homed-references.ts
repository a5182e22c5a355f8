/**
 * Security groups and address groups in requests: global to whoever names one, since its copy is made at the site that the
 * request goes to. Their homes pin nothing.
 */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Copies } from '../copies/copies.js';
import { RetryLater } from '../jobs/job.js';
import type { GlobalNamed, ShadowMaker } from '../routing/shadows.js';
import type { World } from '../routing/world.js';
import { SiteUnreachable } from '../sites/site.js';

interface KnownGroup {
  readonly id: string;
  readonly name: string | null;
  readonly project_id: string | null;
  readonly site_id: number;
}

/** Those of some ids that are known. */
export const homedShadows = (world: World, kind: string): ShadowMaker => ({
  kind,
  find: async (ids, caller) => {
    const rows = await world.database.many<KnownGroup>(
      `select id, facts->>'name' as name, project_id, site_id from resource
        where kind = $1 and id = any($2) and not is_copy and deleted_at is null
       union all
       select id, null, project_id, home_id from homed where kind = $1 and id = any($2)`,
      [kind, ids],
    );
    return new Map(rows.map((row) => [row.id, named(world, kind, row, caller)] as const));
  },
});

function named(world: World, kind: string, { id, name, project_id: owner }: KnownGroup, caller: Caller): GlobalNamed {
  return {
    body: { id, name, project_id: owner },
    ensure: async (site) => {
      await ensureAt(world, kind, id, site, caller);
      return id;
    },
  };
}

async function ensureAt(world: World, kind: string, id: string, ...[site, caller]: Parameters<GlobalNamed['ensure']>) {
  const [thing] = await world.homed.among(kind, [id]);
  if (!thing?.isDefault) return world.homed.ensure(kind, id, site, caller);
  // Another project's is the site's to refuse.
  if (caller.isAdmin || caller.projectId === thing.projectId)
    await world.defaultGroups.ready(site, caller, thing.projectId);
}

/** How Nova names a security group: by its name, which comes first, or by its id. */
export const namedGroup = 'named_security_group';

/** @see openstack/nova:nova/network/neutron.py _process_security_groups */
export const namedGroupShadows = (world: World): ShadowMaker => ({
  kind: namedGroup,
  find: async (names, caller) => {
    const rows = await world.database.many<KnownGroup>(
      `select id, facts->>'name' as name, project_id, site_id from resource
        where kind = 'security_group' and project_id = $1 and facts->>'name' = any($2) and not is_copy and deleted_at is null`,
      [caller.projectId ?? '', names],
    );
    const byId = await world.shadows.find('security_group', names, caller);
    return new Map(
      names.flatMap((name): [string, GlobalNamed][] => {
        const several = rows.filter((row) => row.name === name);
        // Each site's own is called that: it is the project's one there.
        if (name === 'default') return [];
        const one = byId.get(name);
        return several.length > 0 ? [[name, oneOf(world, name, several)]] : one ? [[name, one]] : [];
      }),
    );
  },
});

/** Where several have the name, the one of the site that the request goes to is meant. */
const oneOf = (world: World, name: string, several: readonly KnownGroup[]): GlobalNamed => ({
  body: { name },
  ensure: async (site, caller) => {
    const there = several.filter((row) => row.site_id === site.id);
    const [only, ...others] = several.length === 1 ? several : there;
    if (!only || others.length > 0) {
      const words = `Multiple security groups found matching '${name}'. Use an ID to be more specific.`;
      throw new Fault('conflict', words);
    }
    await ensureAt(world, 'security_group', only.id, site, caller);
    return only.id;
  },
});

/** For what no feed had told of when the request came, and a site was found to have. */
export const homedCopies = (world: World, kind: string): Copies => ({
  mayBring: () => Promise.resolve(true),
  bring: async (id, site, principal) => {
    await world.homed.ensure(kind, id, site, principal as Caller);
    return true;
  },
  require: async (id, siteId) => {
    try {
      await world.homed.ensure(kind, id, world.sites.require(siteId));
    } catch (error) {
      if (error instanceof SiteUnreachable) throw new RetryLater(error.reason, 5);
      throw error;
    }
  },
  onArrival: [],
});
