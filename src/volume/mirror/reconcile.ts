/** Repairs one site: adopts what it had before it was one, makes what it lacks, changes and removes what it missed. */
import type { Version } from '../../resources/global.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { tryToConverge } from './converge.js';
import { idsAt, translated } from './ids.js';
import { mirroredKinds } from './kinds.js';
import { alone } from '../../routing/alone.js';
import type { Mirrored } from './mirrored.js';
import { readDebts } from './speak.js';
import { toBeRead } from './write.js';

/** A site that owes nothing is looked at this often: for what an operator made there. */
const lookEveryMs = 120_000;
const lookedAt = new Map<string, number>();

/** To be called again and again, and when a site is added. @throws SiteUnreachable, SiteRefused */
export async function reconcileVolumeTypes(world: World, site: Site): Promise<void> {
  if (!site.capabilities.endpoints.volume || !site.health('volume').reachable || site.state === 'maintenance') return;
  // By name too: a test's second cascade in one process numbers its sites anew.
  const key = `${site.id}/${site.name}`;
  const settled = ((await readDebts(world)).get(site.id) ?? 0) === 0;
  if (settled && Date.now() - (lookedAt.get(key) ?? 0) < lookEveryMs) return;
  await alone(world, 'volume_type', async () => {
    for (const mirrored of mirroredKinds) {
      await adopt(world, mirrored, site);
      for (const { id } of await world.globals.list(mirrored.kind)) await repair(world, mirrored, id, site);
    }
    // What names others goes before what is named.
    for (const mirrored of [...mirroredKinds].reverse()) {
      for (const id of await removedIds(world, mirrored, site)) await tryToConverge(world, mirrored, id, site);
    }
  });
  lookedAt.set(key, Date.now());
}

async function adopt(world: World, mirrored: Mirrored, site: Site): Promise<void> {
  if (!mirrored.list) return;
  const { kind } = mirrored;
  // Before the list is asked for: what is deleted from now on, it says nothing against.
  const readAt = await world.globals.version();
  const there = await mirrored.list(site);
  const known = new Set((await world.globals.shadowsAt(kind, site.id)).map((shadow) => shadow.site_resource_id));
  const names = new Map((await world.globals.list(kind)).map((row) => [row.body['name'], row]));
  const leftover = await namesBeingMade(world, kind, site);
  for (const { id, name } of there) {
    if (known.has(id)) continue;
    const same = names.get(name);
    const held = same && (await world.globals.shadow(kind, same.id, site.id));
    if (same && held?.making_since !== null) await world.globals.putShadow(kind, same.id, site.id, id, same.body);
    else if (!same && !leftover.has(name)) await importOne(world, mirrored, site, id, readAt);
  }
  // Gone at the site by another's hand: forgotten here, so that it is made again.
  const ids = new Set(there.map((one) => one.id));
  for (const shadow of await world.globals.shadowsAt(kind, site.id)) {
    if (!ids.has(shadow.site_resource_id)) await world.globals.removeShadow(kind, shadow.global_id, site.id);
  }
}

/** Names of what was being made at a site when it was deleted: should it come to be there, it is the cascade's to remove. */
async function namesBeingMade(world: World, kind: string, site: Site): Promise<Set<unknown>> {
  const rows = await world.database.many<{ wanted: string }>(
    `select g.body->>'name' as wanted from shadow s join global_resource g on g.kind = s.kind and g.id = s.global_id
      where s.kind = $1 and s.site_id = $2 and s.making_since is not null and g.deleted_at is not null`,
    [kind, site.id],
  );
  return new Set(rows.map((row) => row.wanted));
}

async function importOne(world: World, mirrored: Mirrored, site: Site, id: string, readAt: Version): Promise<void> {
  const body = await mirrored.read(site, id);
  if (!body) return;
  const held = translated(body, (await idsAt(world, site)).toGlobal);
  if (await world.globals.put(mirrored.kind, id, null, held, readAt))
    await world.globals.putShadow(mirrored.kind, id, site.id, id, held);
}

async function repair(world: World, mirrored: Mirrored, id: string, site: Site): Promise<void> {
  const readAt = await world.globals.version();
  const shadow = await world.globals.shadow(mirrored.kind, id, site.id);
  if (shadow?.last_error !== toBeRead) return tryToConverge(world, mirrored, id, site);
  const body = await mirrored.read(site, shadow.site_resource_id);
  if (!body) return;
  const held = translated(body, (await idsAt(world, site)).toGlobal);
  if (await world.globals.put(mirrored.kind, id, null, held, readAt))
    await world.globals.putShadow(mirrored.kind, id, site.id, shadow.site_resource_id, held);
}

async function removedIds(world: World, mirrored: Mirrored, site: Site): Promise<string[]> {
  return (await world.globals.shadowsOfGone(mirrored.kind, site.id)).map((shadow) => shadow.global_id);
}
