/** `POST /servers`: which zone, how much room, and which site's words answer. */
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { createIn } from '../../routing/create.js';
import type { World } from '../../routing/world.js';
import { addServerPlaceholders } from '../placeholders/add-server-placeholders.js';
import { serverReferences } from '../references.js';
import { roomFor } from './server-room.js';
import { takeServerZone } from './server-zone.js';

export function createServer(world: World): Answer {
  return createIn(world, 'server', {
    references: serverReferences,
    takeZone: takeServerZone(world),
    need: (body, references) => roomFor(world, body, references),
    defer: addServerPlaceholders(world),
  });
}
