/** Linking a request: every reference gets the id that the site knows, or the request is refused by name. */
import { ImageOnItsWay } from '../copies/copies.js';
import type { Caller } from '../openstack/caller.js';
import { Fault } from '../openstack/faults.js';
import type { Site } from '../sites/site.js';
import { namedIn, type Named, type Reference } from '../resources/references.js';
import type { Pin } from '../placement/placement.js';
import { asTenant } from './site-call.js';
import type { World } from './world.js';

/** A request with a small image needs no second try. */
const usualPatienceMs = 20_000;

/** The zonal references of a body that the inventory knows, and where they live. */
export async function pinsOf(world: World, body: unknown, references: readonly Reference[]): Promise<Pin[]> {
  const named = zonalIn(world, body, references);
  if (named.length === 0) return [];
  const located = await world.inventory.locate(named.map(({ kind, id }) => ({ kind, id })));
  return named.flatMap(({ kind, id, where }) => {
    const siteIds = located.filter((one) => one.kind === kind && one.id === id).map((one) => one.site_id);
    return siteIds.length > 0 ? [{ where, kind, id, siteIds }] : [];
  });
}

/**
 * Puts the site's own ids into a body. Mutates it.
 * @param patienceMs for which the request is held while an image that it names is copied to the site
 * @throws Fault 400 for a reference that lives in another site; ImageOnItsWay once all else is linked
 */
export async function linkToSite(
  world: World,
  caller: Caller,
  site: Site,
  body: unknown,
  references: readonly Reference[],
  patienceMs = usualPatienceMs,
): Promise<void> {
  let onItsWay: ImageOnItsWay | undefined;
  for (const pin of await pinsOf(world, body, references)) {
    if (pin.siteIds.includes(site.id)) continue;
    const brought = pin.kind === 'image' ? await broughtTo(world, caller, pin.id, site, patienceMs) : false;
    if (brought instanceof ImageOnItsWay) onItsWay = brought;
    if (brought) continue;
    const there = pin.siteIds.map((id) => world.sites.byId(id)?.name ?? `#${id}`).join(' or ');
    const words = `${pin.where}: ${pin.kind} ${pin.id} is in availability zone ${there}, and what this request is about is in ${site.name}.`;
    throw new Fault('bad-request', words);
  }
  for (const named of namedIn(body, references)) {
    if (world.shadows.isGlobal(named.kind))
      named.replace(await world.shadows.ensure(named.kind, named.id, site, caller));
  }
  if (onItsWay) throw onItsWay;
}

/** Whether an image is at a site, or on its way. @throws SiteUnreachable */
async function broughtTo(world: World, caller: Caller, imageId: string, site: Site, patienceMs: number) {
  try {
    return await world.copies.bring(imageId, site, asTenant(caller), patienceMs);
  } catch (error) {
    if (error instanceof ImageOnItsWay) return error;
    throw error;
  }
}

const zonalIn = (world: World, body: unknown, references: readonly Reference[]): Named[] =>
  namedIn(body, references).filter((named) => !world.shadows.isGlobal(named.kind));
