/** Shadows on demand: something global that a request names, made at the site where it is missing. */
import type { GlobalRow, Shadow } from '../resources/global.js';
import { converge } from './converge.js';
import { isSame, type KindAtSite } from './global-kind.js';

/**
 * Nothing is done about what the cascade does not hold, or no longer.
 * @throws Fault with the site's words where it refuses to hold it, SiteUnreachable
 */
export async function ensureAt(at: KindAtSite, globalId: string): Promise<void> {
  const row = await at.world.globals.find(at.kind.kind, globalId);
  if (row) await ensureRowAt(at, row);
}

/** The same for one that has been looked up. */
export async function ensureRowAt(at: KindAtSite, row: GlobalRow): Promise<void> {
  const { world, kind, site } = at;
  const { id: globalId } = row;
  const shadow = await world.globals.shadow(kind.kind, globalId, site.id);
  if (isUpToDate(shadow, row)) return;
  try {
    await converge(at, globalId);
  } catch (error) {
    // One that is there, and differs in what can be changed, is good enough: the reconciler goes on trying.
    const left = await world.globals.shadow(kind.kind, globalId, site.id);
    const isThere = left?.making_since === null && !kind.mustReplace?.(left.seen ?? {}, row.body);
    if (!isThere) throw error;
  }
}

const isUpToDate = (shadow: Shadow | undefined, row: GlobalRow): boolean =>
  shadow?.making_since === null && isSame(shadow.seen, row.body);
