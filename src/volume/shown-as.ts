/** Answers of a resource's site, with the cascade's ids; the last seen state where that site is silent. */
import { json } from '../openstack/message.js';
import type { PassOptions } from '../routing/pass.js';
import type { World } from '../routing/world.js';
import type { Listed } from './lists/listed.js';
import { views } from './lists/views.js';
import { readTypeIds, withGlobalTypes } from './types/type-ids.js';

export const shownAs = (world: World, { kind }: Listed): PassOptions => ({
  shown: (_asked, response, site) => withGlobalTypes(world, response, site),
  lastSeen: async (asked, row) => {
    const { toGlobal } = await readTypeIds(world);
    return json(200, { [kind]: views[kind].detailed(asked, row, toGlobal) });
  },
});
