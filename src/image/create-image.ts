/** `POST /images`: the record is made in the project's own site; its id may be the client's. */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, isOk } from '@cascade/openstack-protocol/message.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { createIn } from '../routing/create.js';
import type { World } from '../routing/world.js';
import { imageShown } from './image-view.js';
import { modeOfNew } from './mode-property.js';

export function createImage(world: World): Answer {
  return async (asked) => {
    const raw = await asked.readBody();
    const mode = modeOfNew(asked.caller, raw);
    const body = tryJson(raw);
    const id = isObject(body) ? body['id'] : undefined;
    // A site sees only its own images; that another has this id only the inventory knows.
    if (typeof id === 'string' && (await world.inventory.find('image', id))) {
      throw new Fault('conflict', `Image ID ${id} already exists!`);
    }
    const create = createIn(world, 'image', {
      // An administrator may make an image for another project, in that project's own site.
      projectOf: (image) => (asked.caller.isAdmin && typeof image['owner'] === 'string' ? image['owner'] : undefined),
      shown: imageShown,
    });
    const response = await create({ ...asked, readBody: () => Promise.resolve(raw) });
    const made = isOk(response) ? bodyOf(response) : undefined;
    if (mode && isObject(made)) await world.copies.policies.set(String(made['id']), null, { mode });
    return response;
  };
}
