/**
 * `PUT /servers/{id}` with `pinned_availability_zone` (2.104). A server never leaves its site: it is pinned to that site's zone,
 * and the site, which has other zones of its own, is told nothing of it.
 * @see openstack/nova:nova/api/openstack/compute/servers.py update
 */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { pythonRepr } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { ownerOf } from '../../routing/owner.js';
import { kindNamed, type World } from '../../routing/world.js';

const field = 'pinned_availability_zone';
const unpinFirst =
  'Cannot change pinned availability zone directly. Unpin first by setting pinned_availability_zone to null.';

/** Any other update goes on as it is. */
export const stayPinnedOr =
  (world: World, otherwise: Answer): Answer =>
  async (asked) => {
    const raw = await asked.readBody();
    const body = tryJson(raw);
    const server = isObject(body) ? body['server'] : undefined;
    const goesOn = (bytes: Buffer) => otherwise({ ...asked, readBody: () => Promise.resolve(bytes) });
    if (!isObject(body) || !isObject(server) || !(field in server) || !atLeast(asked.microversion, '2.104'))
      return goesOn(raw);
    const id = asked.params['server_id'] ?? '';
    const owner = await ownerOf(world, asked, kindNamed(world, 'server'), id);
    const { [field]: wanted, ...others } = server;
    if (wanted !== null && (typeof wanted !== 'string' || wanted === '')) {
      const shown = typeof wanted === 'string' ? wanted : pythonRepr(wanted);
      const words = `Value: ${shown}. ${pythonRepr(wanted)} is not valid under any of the given schemas`;
      throw new Fault('bad-request', `Invalid input for field/attribute ${field}. ${words}`);
    }
    if (owner && wanted === null) {
      const words = `Server ${id} is in availability zone ${owner.site.name}, which no server leaves: it cannot be unpinned.`;
      throw new Fault('conflict', words);
    }
    if (owner && wanted !== owner.site.name) throw new Fault('conflict', unpinFirst);
    return goesOn(Buffer.from(JSON.stringify({ ...body, server: others })));
  };
