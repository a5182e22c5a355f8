/**
 * Brings one site to what the cascade holds. A shadow's `seen` is the body that the site was last brought to, and only
 * what the cascade's body has changed since then is written: what a site had before it was adopted (the name of its own
 * storage backend in a type of the same name) stays as it is.
 */
import type { GlobalRow, Shadow } from '../../resources/global.js';
import type { World } from '../../routing/world.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';
import { idsAt, translated } from './ids.js';
import { SiteRefused, type Mirrored } from './mirrored.js';

/** @throws SiteRefused, SiteUnreachable */
export async function converge(world: World, mirrored: Mirrored, globalId: string, site: Site): Promise<void> {
  const { kind } = mirrored;
  const row = await world.globals.find(kind, globalId);
  const known = await world.globals.shadow(kind, globalId, site.id);
  if (!row) return known && removeFrom(world, mirrored, known, site);
  const shadow = known?.making_since === null ? known : await findOrMake(world, mirrored, row, site);
  if (!shadow) return; // deleted meanwhile
  const { toSite } = await idsAt(world, site);
  const [from, to] = [translated(shadow.seen ?? {}, toSite), translated(row.body, toSite)];
  await mirrored.update(site, shadow.site_resource_id, from, to);
  await world.globals.putShadow(kind, globalId, site.id, shadow.site_resource_id, row.body);
}

/** What a site has of something that is deleted. */
async function removeFrom(world: World, mirrored: Mirrored, shadow: Shadow, site: Site): Promise<void> {
  const { kind, global_id: globalId } = shadow;
  const id =
    shadow.making_since === null ? shadow.site_resource_id : await idOfUnknown(world, mirrored, globalId, site);
  if (id !== undefined) await mirrored.remove(site, id);
  await world.globals.removeShadow(kind, globalId, site.id);
}

/** The site's id for what was being made there when its answer was lost, and was deleted then. */
async function idOfUnknown(
  world: World,
  mirrored: Mirrored,
  globalId: string,
  site: Site,
): Promise<string | undefined> {
  if (!mirrored.list) return globalId;
  const { kind } = mirrored;
  const name = (await world.globals.findGone(kind, globalId))?.body['name'];
  const found = (await mirrored.list(site)).find((one) => one.name === name);
  if (!found || (await world.globals.globalIdOf(kind, site.id, found.id))) return undefined;
  // One of the same name that was made since is another's.
  const isTaken = (await world.globals.list(kind)).some((row) => row.body['name'] === name);
  return isTaken ? undefined : found.id;
}

async function findOrMake(
  world: World,
  mirrored: Mirrored,
  { id: globalId, body }: GlobalRow,
  site: Site,
): Promise<Pick<Shadow, 'site_resource_id' | 'seen'> | undefined> {
  const { kind } = mirrored;
  const found = (await mirrored.list?.(site))?.find((one) => one.name === body['name']);
  if (found) return { site_resource_id: found.id, seen: body };
  if (!(await world.globals.beginShadow(kind, globalId, site.id))) return undefined;
  const ids = await idsAt(world, site);
  try {
    const { id, made } = await mirrored.create(site, globalId, translated(body, ids.toSite));
    const seen = translated(made, ids.toGlobal);
    // Before its details are written, so that a crash in between leaves something to be finished.
    await world.globals.putShadow(kind, globalId, site.id, id, seen);
    return { site_resource_id: id, seen };
  } catch (error) {
    if (error instanceof SiteRefused && error.statusAtSite < 500)
      await world.globals.removeShadow(kind, globalId, site.id, true);
    throw error;
  }
}

/** The same, where what goes wrong is written down and left to the reconciler. */
export async function tryToConverge(world: World, mirrored: Mirrored, globalId: string, site: Site): Promise<void> {
  try {
    await converge(world, mirrored, globalId, site);
  } catch (error) {
    const reason = error instanceof SiteUnreachable ? error.reason : (error as Error).message;
    const { kind } = mirrored;
    world.log.warn({ event: 'mirror.failed', site: site.name, kind, id: globalId, reason }, 'will be tried again');
    await world.globals.noteShadowError(kind, globalId, site.id, reason).catch(() => undefined); // the site may be gone
  }
}
