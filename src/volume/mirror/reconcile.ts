/** Repairs one site: adopts what it had before it was one, makes what it lacks, changes and removes what it missed. */
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
  const there = await mirrored.list(site);
  const known = new Set((await shadowsAt(world, kind, site)).map((shadow) => shadow.site_resource_id));
  const names = new Map((await world.globals.list(kind)).map((row) => [row.body['name'], row]));
  for (const { id, name } of there) {
    if (known.has(id)) continue;
    const same = names.get(name);
    if (same && !(await world.globals.shadow(kind, same.id, site.id))) {
      await world.globals.putShadow(kind, same.id, site.id, id, same.body);
    } else if (!same) await importOne(world, mirrored, site, id);
  }
  // Gone at the site by another's hand: forgotten here, so that it is made again.
  const ids = new Set(there.map((one) => one.id));
  for (const shadow of await shadowsAt(world, kind, site)) {
    if (!ids.has(shadow.site_resource_id)) await world.globals.removeShadow(kind, shadow.global_id, site.id);
  }
}

async function importOne(world: World, mirrored: Mirrored, site: Site, id: string): Promise<void> {
  const body = await mirrored.read(site, id);
  if (!body) return;
  const held = translated(body, (await idsAt(world, site)).toGlobal);
  await world.globals.put(mirrored.kind, id, null, held);
  await world.globals.putShadow(mirrored.kind, id, site.id, id, held);
}

async function repair(world: World, mirrored: Mirrored, id: string, site: Site): Promise<void> {
  const shadow = await world.globals.shadow(mirrored.kind, id, site.id);
  if (shadow?.last_error !== toBeRead) return tryToConverge(world, mirrored, id, site);
  const body = await mirrored.read(site, shadow.site_resource_id);
  if (!body) return;
  const held = translated(body, (await idsAt(world, site)).toGlobal);
  await world.globals.put(mirrored.kind, id, null, held);
  await world.globals.putShadow(mirrored.kind, id, site.id, shadow.site_resource_id, held);
}

const shadowsAt = (world: World, kind: string, site: Site) =>
  world.database.many<{ global_id: string; site_resource_id: string }>(
    `select global_id, site_resource_id from shadow where kind = $1 and site_id = $2`,
    [kind, site.id],
  );

async function removedIds(world: World, mirrored: Mirrored, site: Site): Promise<string[]> {
  const rows = await world.database.many<{ id: string }>(
    `select g.id from global_resource g join shadow s on s.kind = g.kind and s.global_id = g.id and s.site_id = $2
      where g.kind = $1 and g.deleted_at is not null`,
    [mirrored.kind, site.id],
  );
  return rows.map((row) => row.id);
}
