/**
 * Brings one site to what the cascade holds. A shadow's `seen` is the body that the site was last brought to, and only
 * what the cascade's body has changed since then is written: what a site had before it was adopted (the name of its own
 * storage backend in a type of the same name) stays as it is.
 */
import type { Body } from '../../resources/kind.js';
import type { World } from '../../routing/world.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';
import { idsAt, translated } from './ids.js';
import type { Mirrored } from './mirrored.js';

/** @throws SiteRefused, SiteUnreachable */
export async function converge(world: World, mirrored: Mirrored, globalId: string, site: Site): Promise<void> {
  const { kind } = mirrored;
  const row = await world.globals.find(kind, globalId);
  let shadow = await world.globals.shadow(kind, globalId, site.id);
  if (!row) {
    if (!shadow) return;
    await mirrored.remove(site, shadow.site_resource_id);
    return world.globals.removeShadow(kind, globalId, site.id);
  }
  if (!shadow) {
    const { id, seen } = await findOrMake(world, mirrored, globalId, row.body, site);
    // Before its details are written, so that a crash in between leaves something to be finished.
    await world.globals.putShadow(kind, globalId, site.id, id, seen);
    shadow = { kind, global_id: globalId, site_id: site.id, site_resource_id: id, seen, last_error: null };
  }
  const { toSite } = await idsAt(world, site);
  const [from, to] = [translated(shadow.seen ?? {}, toSite), translated(row.body, toSite)];
  await mirrored.update(site, shadow.site_resource_id, from, to);
  await world.globals.putShadow(kind, globalId, site.id, shadow.site_resource_id, row.body);
}

async function findOrMake(world: World, mirrored: Mirrored, globalId: string, body: Body, site: Site) {
  const found = (await mirrored.list?.(site))?.find((one) => one.name === body['name']);
  if (found) return { id: found.id, seen: body };
  const ids = await idsAt(world, site);
  const { id, made } = await mirrored.create(site, globalId, translated(body, ids.toSite));
  return { id, seen: translated(made, ids.toGlobal) };
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
