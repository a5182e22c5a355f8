/** Linking a request: every reference gets the id that the site knows, or the request is refused by name. */
import { ImageOnItsWay } from '../copies/copies.js';
import type { Caller } from '../openstack/caller.js';
import type { Asked } from '../openstack/route.js';
import { isApartFrom } from '../placement/contradictions.js';
import type { Pin } from '../placement/placement.js';
import type { Located } from '../resources/inventory.js';
import { namedIn, type Named, type Reference } from '../resources/references.js';
import type { Site } from '../sites/site.js';
import type { DefaultGroup } from './default-groups/group-table.js';
import { ownerOf } from './owner.js';
import type { World } from './world.js';

/** A request with a small image needs no second try. */
const usualTimeoutMs = 20_000;

/** The zonal references of a body that the caller may name, and where they live. */
export async function pinsOf(
  world: World,
  asked: Asked,
  body: unknown,
  references: readonly Reference[],
): Promise<Pin[]> {
  const zonal = namedIn(body, references).filter((one) => !world.shadows.isGlobal(one.kind));
  // A project has its group `default` in every zone: it pins nothing.
  const everywhere = new Set((await defaultGroupsIn(world, zonal)).map(({ id }) => id));
  const named = zonal.filter(({ id }) => !everywhere.has(id));
  if (named.length === 0) return [];
  const located = await locate(world, asked, named);
  return named.flatMap(({ kind, id, where }) => {
    const siteIds = located
      .filter((one) => one.kind === kind && one.id === id && mayName(world, asked.caller, one))
      .flatMap((one) => one.site_ids);
    return siteIds.length > 0 ? [{ where, kind, id, siteIds }] : [];
  });
}

async function defaultGroupsIn(world: World, named: readonly Named[]): Promise<DefaultGroup[]> {
  const ids = named.flatMap(({ kind, id }) => (kind === 'security_group' ? [id] : []));
  return ids.length === 0 ? [] : world.defaultGroups.table.among(ids);
}

/** What is younger than the last read, or of a kind that has no feed, the sites are asked for: it pins the request all the same. */
async function locate(world: World, asked: Asked, named: readonly Named[]): Promise<Located[]> {
  const wanted = named.map(({ kind, id }) => ({ kind, id }));
  const known = await world.inventory.locate(wanted);
  const unknown = wanted.flatMap(({ kind: name, id }) => {
    const kind = world.kinds.get(name);
    return kind && !known.some((one) => one.kind === name && one.id === id) ? [{ kind, id }] : [];
  });
  if (unknown.length === 0) return known;
  await Promise.all(unknown.map(({ kind, id }) => ownerOf(world, asked, kind, id)));
  return world.inventory.locate(wanted);
}

/** Another project's id is one of nobody to a tenant: the site says so, and no message of ours tells where it is. */
export function mayName(
  world: World,
  { isAdmin, projectId }: Caller,
  { kind, project_id: owner }: Pick<Located, 'kind' | 'project_id'>,
): boolean {
  return isAdmin || !world.kinds.get(kind)?.isPrivate || owner === null || owner === projectId;
}

export interface LinkOptions {
  /** What the request is about and has its place, for messages: `server 1b2c…` */
  readonly about?: string;
  /** For how long the request is held while an image that it names is copied to the site. @default 20 s */
  readonly timeoutMs?: number;
  /** What it names and where that lives, where it has been looked up already. */
  readonly pins?: readonly Pin[];
}

/**
 * Puts the site's own ids into a body. Mutates it.
 * @throws ReferencesApart for one that lives in another site; ImageOnItsWay once all else is linked
 */
export async function linkToSite(
  world: World,
  asked: Asked,
  site: Site,
  body: unknown,
  references: readonly Reference[],
  { about = 'what this request is about', timeoutMs = usualTimeoutMs, pins }: LinkOptions = {},
): Promise<void> {
  let onItsWay: ImageOnItsWay | undefined;
  for (const pin of pins ?? (await pinsOf(world, asked, body, references))) {
    if (pin.siteIds.includes(site.id)) continue;
    const brought = pin.kind === 'image' ? await broughtTo(world, asked.caller, pin.id, site, timeoutMs) : false;
    if (brought instanceof ImageOnItsWay) onItsWay = brought;
    if (brought) continue;
    throw isApartFrom(pin, about, site.name, (id) => world.sites.byId(id)?.name ?? `#${id}`);
  }
  const found = namedIn(body, references);
  for (const group of await defaultGroupsIn(world, found)) {
    const { isAdmin, projectId } = asked.caller;
    if (isAdmin || projectId === group.projectId) await world.defaultGroups.ready(site, asked.caller, group.projectId);
  }
  for (const named of found) {
    if (world.shadows.isGlobal(named.kind))
      named.replace(await world.shadows.ensure(named.kind, named.id, site, asked.caller));
  }
  if (onItsWay) throw onItsWay;
}

/** Whether an image is at a site, or on its way. @throws SiteUnreachable */
async function broughtTo(world: World, caller: Caller, imageId: string, site: Site, timeoutMs: number) {
  try {
    return await world.copies.bring(imageId, site, caller, timeoutMs);
  } catch (error) {
    if (error instanceof ImageOnItsWay) return error;
    throw error;
  }
}
