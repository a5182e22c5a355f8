/** Brings one site's flavors to what the cascade has: adopts what it had before, repairs what drifted, removes what is gone. */
import type { GlobalRow, Shadow, Version } from '../../resources/global.js';
import type { Body } from '../../resources/kind.js';
import { alone } from '../../routing/alone.js';
import { askAsAdmin } from '../../routing/speaker.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { complete, converge, kind, microversion, removeFrom, same, withAccess, type Flavor } from './flavors.js';

export const reconcileFlavors = (world: World, site: Site): Promise<void> =>
  alone(world, kind, () => reconcileAll(world, site));

async function reconcileAll(world: World, site: Site): Promise<void> {
  // Before the list is asked for: what is deleted from now on, its rows say nothing against.
  const readAt = await world.globals.version();
  const query = 'is_public=none&limit=1000';
  const { status, body } = await askAsAdmin(site, 'compute', 'GET', '/flavors/detail', { microversion, query });
  if (status !== 200) return;
  const seen = (body['flavors'] ?? []) as Body[];
  const rows = new Map((await world.globals.list(kind)).map((row) => [row.id, row]));
  const shadows = new Map((await world.globals.shadowsAt(kind, site.id)).map((shadow) => [shadow.global_id, shadow]));
  const turn = nextTurn(site, seen);
  for (const found of seen) {
    const id = String(found['id']);
    await reconcileOne(world, site, {
      id,
      found,
      row: rows.get(id),
      shadow: shadows.get(id),
      isTurn: id === turn,
      readAt,
    });
  }
  const ids = new Set(seen.map(({ id }) => String(id)));
  for (const row of rows.values()) if (!ids.has(row.id)) await tryToConverge(world, site, row, false);
  for (const shadow of await world.globals.shadowsOfGone(kind, site.id))
    await removeFrom(world, site, shadow.global_id);
}

interface Compared {
  readonly id: string;
  readonly found: Body;
  readonly row: GlobalRow | undefined;
  readonly shadow: Shadow | undefined;
  readonly isTurn: boolean;
  readonly readAt: Version;
}

async function reconcileOne(world: World, site: Site, compared: Compared): Promise<void> {
  const { id, found, row, shadow, isTurn, readAt } = compared;
  if (!row && shadow) return; // deleted, and removed there below
  const isSettled = row !== undefined && shadow !== undefined && same(shadow.seen, row.body);
  // The list does not say who may use a private flavor: of one about which nothing changed it is taken for known.
  const flavor = isSettled && !isTurn ? withAccess(found, (row.body as Flavor).access) : await complete(site, found);
  if (!row) {
    if (await world.globals.put(kind, id, null, flavor, readAt))
      await world.globals.putShadow(kind, id, site.id, id, flavor);
    return;
  }
  if (!same(flavor, row.body)) return tryToConverge(world, site, row, shadow !== undefined);
  if (!isSettled) await world.globals.putShadow(kind, id, site.id, id, row.body);
}

// Which private flavor was last asked for its projects. Lost with the process, which then begins again: no harm.
const turns = new WeakMap<Site, string>();

/**
 * The private flavor whose projects are asked for this time: one after the other, so that what an operator changes at a
 * site is found, and however many there are it costs the site one request a round.
 */
function nextTurn(site: Site, flavors: readonly Body[]): string | undefined {
  const ids = flavors
    .filter((one) => one['os-flavor-access:is_public'] === false)
    .map(({ id }) => String(id))
    .sort();
  const last = turns.get(site);
  const next = ids.find((id) => last === undefined || id > last) ?? ids[0];
  if (next !== undefined) turns.set(site, next);
  return next;
}

async function tryToConverge(world: World, site: Site, row: GlobalRow, ours: boolean): Promise<void> {
  try {
    await converge(world, site, row, ours);
  } catch (error) {
    const reason = (error as Error).message;
    world.log.warn({ event: 'shadow.failed', kind, id: row.id, site: site.name, reason }, 'shadow not converged');
  }
}
