/**
 * Brings one thing at one site to what the cascade holds. A shadow's `seen` is the body that the site is known to have, and
 * only what the cascade's body has otherwise is written.
 */
import type { GlobalRow, Shadow } from '../resources/global.js';
import type { Body } from '../resources/kind.js';
import { kindNamed } from '../routing/world.js';
import { SiteUnreachable } from '../sites/site.js';
import {
  isSame,
  isWrittenForAll,
  samenessOf,
  SiteRefused,
  translated,
  translationAt,
  type Found,
  type KindAtSite,
} from './global-kind.js';
import { lockOf, withSiteLock } from './lock.js';

/** @throws SiteRefused, SiteUnreachable, Fault 409 for something of the site's own that must not be taken over */
export const converge = (at: KindAtSite, globalId: string): Promise<void> =>
  withSiteLock(at.world, lockOf(at.kind, globalId), at.site, () => convergeHeld(at, globalId));

/** The same in the hands of who holds the site's lock. */
export async function convergeHeld(at: KindAtSite, globalId: string): Promise<void> {
  const { world, kind, site } = at;
  try {
    await bringTo(at, globalId);
  } catch (error) {
    if (!(error instanceof SiteRefused) || !kind.isFinal?.(error.statusAtSite)) throw error;
    const row = await world.globals.find(kind.kind, globalId);
    if (row) await world.globals.putShadow(kind.kind, globalId, site.id, row.body);
    await noteError(at, globalId, error);
  }
}

async function bringTo(at: KindAtSite, globalId: string): Promise<void> {
  const { world, kind, site } = at;
  const row = await world.globals.find(kind.kind, globalId);
  const known = await world.globals.shadow(kind.kind, globalId, site.id);
  if (known?.making_since === null && known.seen === null) {
    if ((await readBack(at, known, row)) || !row) return;
    return bringTo(at, globalId); // there is no shadow any longer
  }
  if (!row) return known && removeFrom(at, known);
  if (known?.making_since === null && isSame(known.seen, row.body)) return;
  const shadow = known?.making_since === null ? known : await findOrMake(at, row);
  if (!shadow) return; // deleted meanwhile
  const { toSite } = translationAt(world, kind, site);
  const [from, to] = [translated(shadow.seen ?? {}, toSite), translated(row.body, toSite)];
  if (kind.mustReplace?.(from, to)) {
    await replace(at, row);
  } else {
    if (!isSame(from, to)) await kind.update(site, globalId, from, to);
    await world.globals.putShadow(kind.kind, globalId, site.id, row.body);
  }
  // It may have been deleted in the meantime, by who did not see this shadow yet.
  const left = await world.globals.shadow(kind.kind, globalId, site.id);
  if (left && !(await world.globals.find(kind.kind, globalId))) await removeFrom(at, left);
}

/** The same, where what goes wrong is stored with the shadow and left to the reconciler. */
export const tryToConverge = (at: KindAtSite, globalId: string): Promise<void> =>
  orNoteError(at, globalId, () => converge(at, globalId));

/** Runs `work` about one thing at one site; an error is logged and stored. */
export async function orNoteError(at: KindAtSite, globalId: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await noteError(at, globalId, error);
  }
}

async function noteError({ world, kind: { kind }, site }: KindAtSite, globalId: string, error: unknown) {
  const reason = error instanceof SiteUnreachable ? error.reason : (error as Error).message;
  const event = { event: 'global.not_converged', site: site.name, kind, id: globalId, reason };
  world.log.warn(event, 'a site differs from what the cascade requires of it');
  await world.globals.noteError(kind, globalId, site.id, reason).catch(() => undefined); // the site may be gone
}

/**
 * Changed at this site through the cascade, and not read since: what it has is what the cascade is to hold, also where it was
 * made there and the cascade holds nothing yet. Where it cannot be read it is taken back.
 * @returns false where the site has nothing now
 */
async function readBack(at: KindAtSite, shadow: Shadow, row: GlobalRow | undefined): Promise<boolean> {
  const { world, kind, site } = at;
  const { global_id: id } = shadow;
  const readAt = await world.globals.version();
  const body = await kind.read(site, id);
  if (!body) {
    await removeFrom(at, shadow);
    return false;
  }
  const held = translated(body, translationAt(world, kind, site).toGlobal);
  const ownerId = row?.owner_id ?? kind.ownerOf?.(held) ?? null;
  if (await world.globals.put(kind.kind, id, ownerId, held, { readAt, isWritten: isWrittenForAll(kind) }))
    await world.globals.putShadow(kind.kind, id, site.id, held);
  return true;
}

/** What a site has of something that is deleted. */
async function removeFrom(at: KindAtSite, shadow: Shadow): Promise<void> {
  const { world, kind, site } = at;
  const { global_id: globalId, making_since: makingSince } = shadow;
  const id = makingSince === null ? globalId : await idOfUnknown(at, globalId);
  if (id !== undefined) await kind.remove(site, id);
  await forgetContained(at, globalId);
  await world.globals.removeShadow(kind.kind, globalId, site.id);
}

/** The id of what was being made at a site when the response was lost, and was deleted then. */
async function idOfUnknown(at: KindAtSite, globalId: string): Promise<string | undefined> {
  const { world, kind } = at;
  const gone = await world.globals.findGone(kind.kind, globalId);
  if (!kind.list && !kind.find) return globalId;
  const found = gone && (await findUnclaimed(at, gone));
  if (!found) return undefined;
  // One of the same name that was made since is another's.
  const rows = await world.globals.list(kind.kind, gone.owner_id ?? undefined);
  const isTaken = rows.some((row) => samenessOf(kind, row) === samenessOf(kind, gone));
  return isTaken ? undefined : found.id;
}

/** What a site has that is the same, and that no shadow tells of: there may be several of one name. */
async function findUnclaimed({ world, kind, site }: KindAtSite, held: GlobalRow): Promise<Found | undefined> {
  const all = kind.find ? [await kind.find(site, held)] : ((await kind.list?.(site)) ?? []);
  for (const one of all) {
    if (!one || samenessOf(kind, one) !== samenessOf(kind, held)) continue;
    if ((await world.globals.shadow(kind.kind, one.id, site.id))?.making_since !== null) return one;
  }
  return undefined;
}

async function findOrMake(at: KindAtSite, row: GlobalRow): Promise<Pick<Shadow, 'seen'> | undefined> {
  const found = await findUnclaimed(at, row);
  return found ? { seen: await takeOver(at, row, found) } : make(at, row);
}

/**
 * Something that a site has becomes the shadow of what the cascade holds.
 * @returns what the site is known to have
 * @throws Fault 409 where it must not
 */
export async function takeOver({ world, kind, site }: KindAtSite, row: GlobalRow, found: Found): Promise<Body> {
  const { toGlobal } = translationAt(world, kind, site);
  const isOurs = (await world.globals.shadow(kind.kind, row.id, site.id)) !== undefined;
  let seen = row.body;
  // Made by the cascade, whose note was lost with the response: perhaps without its details, perhaps as it was before a change.
  if (isOurs) seen = translated((await kind.read(site, found.id)) ?? found.body, toGlobal);
  else if (kind.adopt) seen = translated(kind.adopt(site, row, found), toGlobal);
  const feeds = (kind.namedBy ?? []).map((name) => kindNamed(world, name));
  await world.database.transaction(async (tx) => {
    await world.globals.claimShadow(kind.kind, row.id, site.id, { id: found.id, seen }, tx);
    // What has been read of the site, or is being read, may call it by the site's id.
    if (found.id !== row.id && feeds.length > 0) await world.reader.states.suspect(site, feeds, tx);
  });
  return seen;
}

/** @returns undefined where it was deleted meanwhile */
async function make(at: KindAtSite, row: GlobalRow): Promise<Pick<Shadow, 'seen'> | undefined> {
  const { world, kind, site, principal } = at;
  if (!(await world.globals.beginShadow(kind.kind, row.id, site.id))) return undefined;
  const { toSite, toGlobal } = translationAt(world, kind, site);
  try {
    const { id, made } = await kind.create(site, { ...row, body: translated(row.body, toSite) }, principal);
    const seen = translated(made, toGlobal);
    // Before its details are written, so that a crash in between leaves something to be finished.
    await world.database.transaction((tx) => world.globals.claimShadow(kind.kind, row.id, site.id, { id, seen }, tx));
    return { seen };
  } catch (error) {
    if (error instanceof SiteRefused && error.statusAtSite < 500)
      await world.globals.removeShadow(kind.kind, row.id, site.id, true);
    throw error;
  }
}

async function replace(at: KindAtSite, row: GlobalRow): Promise<void> {
  const { world, kind, site } = at;
  await kind.remove(site, row.id);
  await forgetContained(at, row.id);
  const made = await make(at, row);
  if (!made) return;
  const { toSite } = translationAt(world, kind, site);
  const [from, to] = [translated(made.seen ?? {}, toSite), translated(row.body, toSite)];
  if (!isSame(from, to)) await kind.update(site, row.id, from, to);
  await world.globals.putShadow(kind.kind, row.id, site.id, row.body);
}

/** What a site removed together with something else is made again. */
async function forgetContained({ world, kind, site }: KindAtSite, globalId: string): Promise<void> {
  if (!kind.contains) return;
  for (const { global_id: other } of await world.globals.shadowsAt(kind.kind, site.id))
    if (kind.contains(globalId, other)) await world.globals.removeShadow(kind.kind, other, site.id);
}
