/** Where the things are that a request names: asked of each id, since things of one kind may have different scopes. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Copies } from '../copies/copies.js';
import type { Located } from '../resources/inventory.js';
import type { Body } from '../resources/kind.js';
import { namedIn, type Named, type Reference } from '../resources/references.js';
import { ownerOf } from './owner.js';
import type { GlobalNamed } from './shadows.js';
import type { World } from './world.js';

export type Whereabouts =
  /** In some sites, and only there. */
  | { readonly scope: 'zonal'; readonly siteIds: readonly number[]; readonly elsewhere?: string | undefined }
  /** In some sites; others may get a copy. */
  | { readonly scope: 'homed'; readonly siteIds: readonly number[]; readonly copies: Copies }
  /** The same in every site. */
  | ({ readonly scope: 'global' } & GlobalNamed)
  /** Nobody knows it, or the caller may not: the site says so in its own words. */
  | { readonly scope: 'unknown' };

export type LocatedReference = Named & Whereabouts;

/** Everything that a body names, and where it is. The one time that the body is searched for it. */
export async function locateReferences(
  world: World,
  asked: Asked,
  body: unknown,
  references: readonly Reference[],
): Promise<LocatedReference[]> {
  const named = namedIn(body, references);
  const global = await findGlobal(world, asked.caller, named);
  const globalOf = ({ kind, id }: Named): GlobalNamed | undefined => global.get(kind)?.get(id);
  const located = await locate(
    world,
    asked,
    named.filter((one) => !globalOf(one)),
  );
  return named.map((one): LocatedReference => {
    const found = globalOf(one);
    return { ...one, ...(found ? { scope: 'global', ...found } : whereaboutsOf(world, asked.caller, located, one)) };
  });
}

/** Something global among what a body names, as the cascade holds it. */
export function globalBody(references: readonly LocatedReference[], kind: string, name: unknown): Body | undefined {
  const found = references.find((one) => one.kind === kind && one.id === String(name) && one.scope === 'global');
  return found?.scope === 'global' ? found.body : undefined;
}

/** Those that are global, by kind and then by name. */
async function findGlobal(
  { shadows }: World,
  caller: Caller,
  named: readonly Named[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, GlobalNamed>>> {
  const namesOf = (kind: string): string[] => named.flatMap((one) => (one.kind === kind ? [one.id] : []));
  const kinds = [...new Set(named.map(({ kind }) => kind))];
  return new Map(
    await Promise.all(kinds.map(async (kind) => [kind, await shadows.find(kind, namesOf(kind), caller)] as const)),
  );
}

/** What is younger than the last read, or of a kind that has no feed, the sites are asked for: it has its place all the same. */
async function locate(world: World, asked: Asked, named: readonly Named[]): Promise<Located[]> {
  const wanted = named.flatMap(({ kind: name, id }) => {
    const kind = world.kinds.get(name);
    return kind ? [{ name, kind, id }] : [];
  });
  if (wanted.length === 0) return [];
  const look = () => world.inventory.locate(wanted.map(({ name, id }) => ({ kind: name, id })));
  const known = await look();
  const unknown = wanted.filter(({ name, id }) => !known.some((one) => one.kind === name && one.id === id));
  if (unknown.length === 0) return known;
  await Promise.all(unknown.map(({ kind, id }) => ownerOf(world, asked, kind, id)));
  return look();
}

function whereaboutsOf(world: World, caller: Caller, located: readonly Located[], { kind, id }: Named): Whereabouts {
  const siteIds = located
    .filter((one) => one.kind === kind && one.id === id && mayName(world, caller, one))
    .flatMap((one) => one.site_ids);
  if (siteIds.length === 0) return { scope: 'unknown' };
  const copies = world.copiesOf.get(kind);
  if (copies) return { scope: 'homed', siteIds, copies };
  return { scope: 'zonal', siteIds, elsewhere: world.kinds.get(kind)?.elsewhere };
}

/** Another project's id is one of nobody to a tenant: the site says so, and no message of ours tells where it is. */
export function mayName(
  world: World,
  { isAdmin, projectId }: Caller,
  { kind, project_id: owner }: Pick<Located, 'kind' | 'project_id'>,
): boolean {
  return isAdmin || !world.kinds.get(kind)?.isPrivate || owner === null || owner === projectId;
}
