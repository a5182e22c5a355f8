/** One site as operators see it: what it can do, whether it answers, and how far it has been read. */
import { interconnectsOfSite, type ShownMembership } from '../interconnect/views.js';
import type { World } from '../routing/world.js';
import type { SiteView } from '../sites/views.js';
import { countByKind, readProgress, type FeedView, type SiteProgress } from '../sync/feed-views.js';

export interface ShownSite extends SiteView, Omit<SiteProgress, 'feeds'> {
  /** Projects whose security group `default` has other rules in this zone than they are shown. */
  readonly default_groups_apart: number;
  /** What is homed and is not yet as it is wanted here. */
  readonly homed_drift: number;
  /** The last errors of those. */
  readonly homed_errors: readonly { kind: string; id: string; error: string; since: Date }[];
  readonly warnings: readonly string[];
  /** What joins its networks with those of other sites. */
  readonly interconnects: readonly ShownMembership[];
  readonly feeds: readonly (Omit<FeedView, 'site'> & {
    /** In the inventory. */
    readonly rows: number;
  })[];
}

/** @throws Fault 404 */
export async function showSite(world: World, name: string): Promise<ShownSite> {
  const view = world.sites.viewByName(name);
  const site = world.sites.require(view.id);
  const counts = await countByKind(world.database, site);
  const progress = (await readProgress(world.database, [site], world.kinds.values())).get(site.id);
  const { feeds = [], staleness_seconds = 0, reconciled_at = null } = progress ?? {};
  const shown = feeds.map(({ site: _site, ...feed }) => ({ ...feed, rows: counts[feed.kind] ?? 0 }));
  const apart = await world.defaultGroups.countApart(site.id);
  const { count, errors, warnings } = await world.homed.drift(site.id);
  const joined = await interconnectsOfSite(world.interconnects, world.sites, site.id);
  return {
    ...view,
    staleness_seconds,
    reconciled_at,
    default_groups_apart: Number(apart),
    homed_drift: count,
    homed_errors: errors,
    warnings: [...warnings, ...joined.warnings],
    interconnects: joined.memberships,
    feeds: shown,
  };
}
