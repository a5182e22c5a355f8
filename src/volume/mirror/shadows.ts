/** Volume types and group types for the linker: what a request calls one, as the chosen site knows it. */
import type { GlobalRow } from '../../resources/global.js';
import type { ShadowMaker } from '../../routing/shadows.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { converge } from './converge.js';
import { groupTypes } from '../types/group-types.js';
import { alone } from '../../routing/alone.js';
import type { Mirrored } from './mirrored.js';
import { volumeTypes } from '../types/volume-types.js';

export const volumeShadows = (world: World): ShadowMaker[] => [maker(world, volumeTypes), maker(world, groupTypes)];

const maker = (world: World, mirrored: Mirrored): ShadowMaker => ({
  kind: mirrored.kind,
  ensure: async (named, site) => {
    const row = await byIdOrName(world, mirrored.kind, named);
    // One the cascade does not know is the site's to find or to refuse.
    if (!row) return named;
    const id =
      (await settledId(world, row, site)) ??
      (await alone(world, 'volume_type', () => settle(world, mirrored, row, site)));
    return named === row.id ? id : named;
  },
});

async function byIdOrName(world: World, kind: string, named: string): Promise<GlobalRow | undefined> {
  const byId = await world.globals.find(kind, named);
  return byId ?? (await world.globals.list(kind)).find((row) => row.body['name'] === named);
}

async function settledId(world: World, row: GlobalRow, site: Site): Promise<string | undefined> {
  const held = await world.database.maybe<{ site_resource_id: string }>(
    `select site_resource_id from shadow s join global_resource g on g.kind = s.kind and g.id = s.global_id
      where s.kind = $1 and s.global_id = $2 and s.site_id = $3 and s.seen = g.body and s.making_since is null
        and g.deleted_at is null`,
    [row.kind, row.id, site.id],
  );
  return held?.site_resource_id;
}

async function settle(world: World, mirrored: Mirrored, row: GlobalRow, site: Site): Promise<string> {
  const idAtSite = async (): Promise<string | undefined> => {
    const shadow = await world.globals.shadow(mirrored.kind, row.id, site.id);
    return shadow?.making_since === null ? shadow.site_resource_id : undefined;
  };
  try {
    await converge(world, mirrored, row.id, site);
  } catch (error) {
    // One that is there but not up to date is good enough: the reconciler goes on trying.
    const held = await idAtSite();
    if (held === undefined) throw error;
    return held;
  }
  return (await idAtSite()) ?? row.id;
}
