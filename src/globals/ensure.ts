/** Shadows on demand: something global that a request names, made at the site where it is missing. */
import type { Principal } from '@cascade/openstack-protocol/caller.js';
import type { GlobalRow, Shadow } from '../resources/global.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import { converge } from './converge.js';
import { isSame, type GlobalKind } from './global-kind.js';

/**
 * Nothing is done about what the cascade does not hold, or no longer.
 * @throws Fault with the site's words where it refuses to hold it, SiteUnreachable
 */
export async function ensureAt(
  world: World,
  kind: GlobalKind,
  globalId: string,
  site: Site,
  principal?: Principal,
): Promise<void> {
  const row = await world.globals.find(kind.kind, globalId);
  if (row) await ensureRowAt(world, kind, row, site, principal);
}

/** The same for one that has been looked up. */
export async function ensureRowAt(
  world: World,
  kind: GlobalKind,
  row: GlobalRow,
  site: Site,
  principal?: Principal,
): Promise<void> {
  const { id: globalId } = row;
  const shadow = await world.globals.shadow(kind.kind, globalId, site.id);
  if (isUpToDate(shadow, row)) return;
  try {
    await converge(world, kind, globalId, site, principal);
  } catch (error) {
    // One that is there, and differs in what can be changed, is good enough: the reconciler goes on trying.
    const left = await world.globals.shadow(kind.kind, globalId, site.id);
    const isThere = left?.making_since === null && !kind.mustReplace?.(left.seen ?? {}, row.body);
    if (!isThere) throw error;
  }
}

const isUpToDate = (shadow: Shadow | undefined, row: GlobalRow): boolean =>
  shadow?.making_since === null && isSame(shadow.seen, row.body);
