/** Repairs one site: adopts what it had before it was one, makes what it lacks, changes and removes what it missed. */
import type { GlobalRow, Shadow, Version } from '../resources/global.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import { orNoteError, takeOver, tryToConverge } from './converge.js';
import {
  canHold,
  isSame,
  samenessOf,
  translated,
  translationAt,
  type Found,
  type GlobalKind,
  type KindAtSite,
} from './global-kind.js';
import { lockOf, withAdoptionLock, withSiteLock } from './lock.js';
import { outstandingAt } from './outstanding.js';

/** Rounds since a site's list of a kind was last read. */
const roundsSinceList = new WeakMap<Site, Map<string, number>>();

/**
 * To be called again and again, and when a site is added.
 * @param kinds each after those that its bodies name
 * @throws SiteUnreachable, SiteRefused where a site does not tell what it has
 */
export async function reconcileKinds(world: World, site: Site, kinds: readonly GlobalKind[]): Promise<void> {
  const [service] = kinds.map((kind) => kind.service);
  if (service && (!site.capabilities.endpoints[service] || !site.health(service).reachable)) return;
  if (site.state === 'maintenance') return;
  for (const kind of kinds) {
    if (canHold(kind, site) && isListDue(kind, site)) await observe({ world, kind, site });
    if (kind.drift) await noteAllDrift({ world, kind, site }, kind.drift);
    await convergeAll({ world, kind, site }, false);
  }
  await removeAll(world, site, kinds);
}

/** Brings a site to what the cascade holds of some kinds; costs it nothing where it lacks nothing. */
export async function catchUpSite(world: World, site: Site, kinds: readonly GlobalKind[]): Promise<void> {
  for (const kind of kinds) await convergeAll({ world, kind, site }, false);
  await removeAll(world, site, kinds);
}

/** What names others is removed before what is named. */
async function removeAll(world: World, site: Site, kinds: readonly GlobalKind[]): Promise<void> {
  for (const kind of [...kinds].reverse()) await convergeAll({ world, kind, site }, true);
}

async function convergeAll(at: KindAtSite, isDeleted: boolean): Promise<void> {
  const { world, kind, site } = at;
  if (!isDeleted && !canHold(kind, site)) return;
  const all = await outstandingAt(world, kind.kind, kind.presence === 'everywhere', site.id);
  for (const { id } of all.filter((one) => one.is_deleted === isDeleted)) await tryToConverge(at, id);
}

function isListDue(kind: GlobalKind, site: Site): boolean {
  if (!kind.list) return false;
  const rounds = roundsOf(site);
  const round = (rounds.get(kind.kind) ?? Infinity) + 1;
  rounds.set(kind.kind, round);
  return round >= (kind.listRounds ?? 1);
}

function roundsOf(site: Site): Map<string, number> {
  const rounds = roundsSinceList.get(site) ?? new Map<string, number>();
  roundsSinceList.set(site, rounds);
  return rounds;
}

/** Compares what a site has with its shadows: what is new there is adopted, what differs or is gone is known from now on. */
async function observe(at: KindAtSite): Promise<void> {
  const { world, kind, site } = at;
  await withSiteLock(world, lockOf(kind, ''), site, async () => {
    // Before the list is asked for: what is deleted from now on, it says nothing against.
    const readAt = await world.globals.version();
    const found = (await kind.list?.(site)) ?? [];
    const shadows = await world.globals.shadowsAt(kind.kind, site.id);
    const known = new Map(settled(shadows).map((shadow) => [shadow.global_id, shadow]));
    const unknown: Found[] = [];
    for (const one of found) {
      const shadow = known.get(one.id);
      if (shadow) await noteDrift(at, shadow, one);
      else unknown.push(one);
    }
    const left = known.size > 0 ? unknown : await claimDeleted(at, unknown);
    if (left.length > 0) await withAdoptionLock(world, kind, () => adoptAll(at, left, readAt));
    // Gone at the site by another's hand: forgotten here, so that it is made again.
    const ids = new Set(found.map((one) => one.id));
    for (const shadow of settled(shadows))
      if (!ids.has(shadow.global_id)) await world.globals.removeShadow(kind.kind, shadow.global_id, site.id);
  });
  roundsOf(site).set(kind.kind, 0);
}

const settled = (shadows: readonly Shadow[]): Shadow[] => shadows.filter((shadow) => shadow.making_since === null);

/** What was changed at the site is known, and so is changed back. */
async function noteDrift({ world, kind, site }: KindAtSite, shadow: Shadow, found: Found): Promise<void> {
  if (shadow.seen === null || !kind.adopt) return;
  const { toGlobal } = translationAt(world, kind, site);
  const seen = { ...shadow.seen, ...translated(found.body, toGlobal) };
  if (isSame(seen, shadow.seen)) return;
  await world.globals.putShadow(kind.kind, shadow.global_id, site.id, seen);
}

/** Of things that are never adopted: what a site has otherwise than it should, and what was deleted and is there again. */
async function noteAllDrift({ world, kind, site }: KindAtSite, drift: NonNullable<GlobalKind['drift']>) {
  const { globals } = world;
  const gone = (await globals.listGone(kind.kind)).map(({ id }) => id);
  if (gone.length === 0 && (await globals.shadowsAt(kind.kind, site.id)).length === 0) return;
  await withSiteLock(world, lockOf(kind, ''), site, async () => {
    const held = await drift(site, world);
    if (!held) return;
    for (const { global_id: id, seen } of settled(await globals.shadowsAt(kind.kind, site.id))) {
      const there = held.get(id) ?? {};
      const now = Object.fromEntries(Object.keys(seen ?? {}).map((key) => [key, there[key] ?? null]));
      if (seen && !isSame(now, seen)) await globals.putShadow(kind.kind, id, site.id, now);
    }
    for (const id of gone) if (held.has(id)) await globals.putShadow(kind.kind, id, site.id, {});
  });
}

/**
 * What was deleted through the cascade is no site's, whether or not the site was one, or could hold such things, at the time: what
 * is the same there when it is looked at first becomes a shadow of the deleted, to be removed.
 * @returns what else there is
 */
async function claimDeleted({ world, kind, site }: KindAtSite, found: readonly Found[]): Promise<readonly Found[]> {
  if (kind.presence !== 'as written' || found.length === 0) return found;
  const held = new Set((await world.globals.list(kind.kind)).map((row) => samenessOf(kind, row)));
  const gone = new Map((await world.globals.listGone(kind.kind)).map((row) => [samenessOf(kind, row), row.id]));
  const deletedIdOf = (one: Found) => (held.has(samenessOf(kind, one)) ? undefined : gone.get(samenessOf(kind, one)));
  await world.database.transaction(async (tx) => {
    for (const one of found) {
      const id = deletedIdOf(one);
      if (id !== undefined) await world.globals.claimShadow(kind.kind, id, site.id, { id: one.id, seen: one.body }, tx);
    }
  });
  return found.filter((one) => deletedIdOf(one) === undefined);
}

async function adoptAll(at: KindAtSite, found: readonly Found[], readAt: Version) {
  const { world, kind, site } = at;
  const shadows = new Map((await world.globals.shadowsAt(kind.kind, site.id)).map((one) => [one.global_id, one]));
  // Several may be of one name, where their kind allows that.
  const held = new Map<string, GlobalRow[]>();
  for (const row of await world.globals.list(kind.kind)) {
    if (shadows.get(row.id)?.making_since === null) continue;
    const key = samenessOf(kind, row);
    held.set(key, [...(held.get(key) ?? []), row]);
  }
  const leftovers = await beingMadeWhenDeleted(at);
  for (const one of found) {
    const key = samenessOf(kind, one);
    const row = held.get(key)?.shift();
    // Adopted as it converges; one that the cascade was making when it was deleted is removed there.
    if (row) await orNoteError(at, row.id, () => adopt(at, row.id, one));
    else if (!leftovers.has(key)) await importOne(at, one, readAt);
  }
}

async function adopt(at: KindAtSite, globalId: string, found: Found): Promise<void> {
  const row = await at.world.globals.find(at.kind.kind, globalId);
  if (row) await takeOver(at, row, found);
}

/** What was being made at a site when it was deleted: should it come to be there, it is the cascade's to remove. */
async function beingMadeWhenDeleted({ world, kind, site }: KindAtSite): Promise<Set<string>> {
  const shadows = await world.globals.shadowsOfGone(kind.kind, site.id);
  const making = shadows.filter((shadow) => shadow.making_since !== null);
  const gone = await Promise.all(making.map((shadow) => world.globals.findGone(kind.kind, shadow.global_id)));
  return new Set(gone.flatMap((row) => (row ? [samenessOf(kind, row)] : [])));
}

async function importOne({ world, kind, site }: KindAtSite, found: Found, readAt: Version): Promise<void> {
  const { id } = found;
  // What bears the id of a tombstone is what was deleted, where no two things ever have one id: it is removed once more.
  if (kind.ids === 'own' && (await world.globals.findGone(kind.kind, id)))
    return world.globals.putShadow(kind.kind, id, site.id, found.body);
  const body = found.isWhole ? found.body : await kind.read(site, id);
  if (!body) return;
  const held = translated(body, translationAt(world, kind, site).toGlobal);
  if (await world.globals.put(kind.kind, id, kind.ownerOf?.(held) ?? null, held, { readAt }))
    await world.globals.putShadow(kind.kind, id, site.id, held);
}
