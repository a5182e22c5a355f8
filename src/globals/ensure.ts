/** Shadows on demand: what a site calls something global that a request names, made there where it is missing. */
import type { Principal } from '../openstack/caller.js';
import type { GlobalRow, Shadow } from '../resources/global.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import { converge } from './converge.js';
import { isSame, type GlobalKind } from './global-kind.js';

/**
 * @returns the site's id; undefined for what the cascade does not hold, or no longer
 * @throws Fault with the site's words where it refuses to hold it, SiteUnreachable
 */
export async function ensureAt(
  world: World,
  kind: GlobalKind,
  globalId: string,
  site: Site,
  principal?: Principal,
): Promise<string | undefined> {
  const row = await world.globals.find(kind.kind, globalId);
  return row && ensureRowAt(world, kind, row, site, principal);
}

/** The same for one that has been looked up. */
export async function ensureRowAt(
  world: World,
  kind: GlobalKind,
  row: GlobalRow,
  site: Site,
  principal?: Principal,
): Promise<string | undefined> {
  const { id: globalId } = row;
  const shadow = await world.globals.shadow(kind.kind, globalId, site.id);
  if (isUpToDate(shadow, row)) return shadow.site_resource_id;
  try {
    await converge(world, kind, globalId, site, principal);
  } catch (error) {
    // One that is there, and differs in what can be changed, is good enough: the reconciler goes on trying.
    const left = await world.globals.shadow(kind.kind, globalId, site.id);
    const isThere = left?.making_since === null && !kind.mustReplace?.(left.seen ?? {}, row.body);
    if (!isThere) throw error;
  }
  const made = await world.globals.shadow(kind.kind, globalId, site.id);
  return made?.making_since === null ? made.site_resource_id : undefined;
}

const isUpToDate = (shadow: Shadow | undefined, row: GlobalRow): shadow is Shadow =>
  shadow?.making_since === null && isSame(shadow.seen, row.body);
