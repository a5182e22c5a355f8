/** Creates in Cinder: in the zone asked for, or where what they name lives. */
import { isObject, tryJson } from '../openstack/body.js';
import type { Answer, Asked } from '../openstack/route.js';
import { namedIn, type Reference } from '../resources/references.js';
import { createIn } from '../routing/create.js';
import { ownerOf } from '../routing/owner.js';
import { kindNamed, type World } from '../routing/world.js';
import { withGlobalTypes } from './mirror/ids.js';

type Body = Record<string, unknown>;

/** Takes `<holder>.availability_zone` out of a body, where it is not null. */
export const zoneIn =
  (holder: string) =>
  (body: Body): string | undefined => {
    const inner = body[holder];
    if (!isObject(inner)) return undefined;
    const zone = inner['availability_zone'];
    if (typeof zone !== 'string' || zone === '') return undefined;
    delete inner['availability_zone'];
    return zone;
  };

export function create(
  world: World,
  kindName: string,
  references: readonly Reference[],
  takeZone?: (body: Body) => string | undefined,
): Answer {
  const make = createIn(world, kindName, {
    references,
    ...(takeZone ? { takeZone } : {}),
    shown: (_asked, response, { site }) => withGlobalTypes(world, response, site),
  });
  return async (asked) => {
    const raw = await asked.readBody();
    await locate(world, asked, tryJson(raw), references);
    return make({ ...asked, readBody: () => Promise.resolve(raw) });
  };
}

/** Has the inventory know what a body names: groups have no feed, and a snapshot may be younger than the last read. */
async function locate(world: World, asked: Asked, body: unknown, references: readonly Reference[]): Promise<void> {
  const zonal = namedIn(body, references).filter(({ kind }) => world.kinds.has(kind) && !world.shadows.isGlobal(kind));
  await Promise.all(zonal.map(({ kind, id }) => ownerOf(world, asked, kindNamed(world, kind), id)));
}
