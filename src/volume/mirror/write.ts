/** Writes of mirrored things: one site speaks, its answer is the caller's, what it then holds is the cascade's. */
import { isOk, type OpenStackResponse } from '../../openstack/message.js';
import type { Answer, Asked } from '../../openstack/route.js';
import type { Version } from '../../resources/global.js';
import type { Body } from '../../resources/kind.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { tryToConverge } from './converge.js';
import { idsAt, translated } from './ids.js';
import { alone } from '../../routing/alone.js';
import type { Mirrored } from './mirrored.js';
import { speak } from './speak.js';

/** One thing that a write changed. */
export interface Touched {
  readonly mirrored: Mirrored;
  /** The cascade's id, which for a new thing is the speaker's. */
  readonly id: string;
  /** What the cascade holds from now on, null for nothing; read from the speaker where this is absent. */
  readonly body?: Body | null;
}

export type WhatWasTouched = (
  world: World,
  asked: Asked,
  answer: OpenStackResponse,
  raw: Buffer,
) => Promise<Touched[]> | Touched[];

/** @param typeOf the volume type that a request is about */
export function writeMirrored(
  world: World,
  touchedBy: WhatWasTouched,
  typeOf?: (asked: Asked) => string | undefined,
): Answer {
  return async (asked) => {
    const raw = asked.method === 'GET' ? Buffer.alloc(0) : await asked.readBody();
    return alone(world, 'volume_type', async () => {
      const readAt = await world.globals.version();
      const { site, response } = await speak(world, asked, raw, typeOf?.(asked));
      if (!isOk(response)) return response;
      const all = await touchedBy(world, asked, response, raw);
      const others = world.sites.answering('volume').filter((one) => one !== site && one.capabilities.endpoints.volume);
      // One after the other, since a type may name QoS specs that are as new as itself; the sites at once.
      for (const touched of all) {
        if (!(await learn(world, site, touched, readAt))) continue;
        await Promise.all(others.map((other) => tryToConverge(world, touched.mirrored, touched.id, other)));
      }
      return response;
    });
  };
}

/** Keeps what the speaker holds. False where it fell silent before it could be read: its reconciler will. */
async function learn(world: World, site: Site, touched: Touched, readAt: Version): Promise<boolean> {
  const { mirrored, id, body: given } = touched;
  const { kind } = mirrored;
  const { toSite, toGlobal } = await idsAt(world, site);
  try {
    const body = given === undefined ? await mirrored.read(site, toSite(id)) : given;
    if (body) {
      const held = translated(body, toGlobal);
      if (await world.globals.put(kind, id, null, held, readAt))
        await world.globals.putShadow(kind, id, site.id, toSite(id), held);
    } else {
      await world.globals.remove(kind, id);
      await world.globals.removeShadow(kind, id, site.id);
    }
    return true;
  } catch (error) {
    world.log.warn({ event: 'mirror.unread', site: site.name, kind, id, err: error }, 'will be read again');
    await world.globals.noteShadowError(kind, id, site.id, toBeRead);
    return false;
  }
}

/** A speaker's shadow with this for its error is to be read again, not written. */
export const toBeRead = 'changed at this site, and not read since';
