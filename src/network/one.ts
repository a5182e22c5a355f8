/** One resource itself: show, update, delete. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { isOk } from '@cascade/openstack-protocol/message.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { SiteUnreachable } from '../sites/site.js';
import { ownerOf } from '../routing/owner.js';
import { passOne } from '../routing/pass.js';
import { kindNamed, type World } from '../routing/world.js';
import type { Collection } from './collection.js';
import { changing, refuseMarks, removing, requireStatefulKept, taking, unlessHidden } from './homed-items.js';
import { learnGrants } from './grants.js';
import { readItems } from './items.js';
import { lastSeen } from './list.js';
import { hostSite, requireHost } from './port-host.js';
import { below } from './references.js';

/** A followed resource whose site is known to be down is shown as it was last seen. */
export function show(world: World, collection: Collection): Answer {
  const pass = unlessHidden(world, collection.kind, passOne(world, collection.kind, 'id'));
  if (!collection.followed) return pass;
  return async (asked) => {
    try {
      return await pass(asked);
    } catch (error) {
      if (!(error instanceof SiteUnreachable && error.isDown)) throw error;
      const seen = await lastSeen(world, asked, collection, asked.params['id'] ?? '');
      if (!seen) throw error;
      return seen;
    }
  };
}

export function update(world: World, collection: Collection): Answer {
  const { kind, key, keys, fields } = collection;
  const references = below(key, keys, fields);
  const run: Answer = async (given) => {
    const { asked, items } = await readItems(given, collection);
    refuseMarks(kind, items);
    if (kind === 'security_group') await requireStatefulKept(world, asked, items);
    if (kind === 'port') await requireHostHere(world, collection, items, asked);
    const answer = passOne(world, kind, 'id', {
      references,
      shown: async (_asked, response, site) => {
        if (isOk(response)) await learnGrants(world, collection, items, site);
        return response;
      },
    });
    return answer(asked);
  };
  // A policy that is given to another project is taken from one.
  const followed = kind === 'rbac_policy' ? taking(world, kind, run) : changing(world, kind, run);
  return unlessHidden(world, kind, followed);
}

const homed = new Set(['security_group', 'address_group']);

export function remove(world: World, { kind }: Collection): Answer {
  const pass = passOne(world, kind, 'id');
  return unlessHidden(world, kind, homed.has(kind) ? removing(world, kind, pass) : taking(world, kind, pass));
}

/** @throws Fault 400 for a host in another zone than the port's, or for a zone that has no host of its name */
async function requireHostHere(
  world: World,
  { kind }: Collection,
  items: readonly Record<string, unknown>[],
  asked: Parameters<Answer>[0],
): Promise<void> {
  const wanted = hostSite(world, items);
  if (!wanted) return;
  const owner = await ownerOf(world, asked, kindNamed(world, kind), asked.params['id'] ?? '');
  if (owner && owner.site.id !== wanted.id) {
    const words = `port.binding:host_id: the port is in availability zone ${owner.site.name}, not in ${wanted.name}.`;
    throw new Fault('bad-request', words, { type: 'InvalidInput' });
  }
  await requireHost(wanted);
}
