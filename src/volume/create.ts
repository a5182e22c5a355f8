/** Creates in Cinder: in the zone asked for, or where what they name lives. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Reference } from '../resources/references.js';
import { createIn, type CreateOptions } from '../routing/create.js';
import type { World } from '../routing/world.js';

type Body = Record<string, unknown>;

/** Cinder's schema refuses a longer one before it looks for it. */
const longestZone = 255;

/**
 * Takes `<holder>.availability_zone` out of a body, where it is one; what is none is the site's to refuse.
 * @param since first microversion that has it
 */
export const zoneIn =
  (holder: string, since = '3.0') =>
  (body: Body, { microversion }: Asked): string | undefined => {
    const inner = body[holder];
    if (!isObject(inner) || !atLeast(microversion, since)) return undefined;
    const zone = inner['availability_zone'];
    if (typeof zone !== 'string' || zone === '' || zone.length > longestZone) return undefined;
    delete inner['availability_zone'];
    return zone;
  };

export const create = (
  world: World,
  kindName: string,
  references: readonly Reference[],
  options: Pick<CreateOptions, 'takeZone' | 'need' | 'defer'> = {},
): Answer => createIn(world, kindName, { ...options, references });
