/**
 * Actions that move a server to a host: `migrate` (2.56), `os-migrateLive` and `evacuate`. The cascade shows a site as one
 * huge host: a move to the server's own site is a move to the host where it is, and to another site there is none. All
 * other names are the site's own hosts, which it knows or refuses.
 */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { ownerOf } from '../../routing/owner.js';
import { kindNamed, type World } from '../../routing/world.js';

interface Move {
  /** The microversion from which Nova reads the host. */
  readonly since: string;
  readonly done: string;
  /** Nova's words for the host where the server is. */
  readonly same: (id: string, host: string) => string;
}

/** @see openstack/nova:nova/exception.py CannotMigrateToSameHost, UnableToMigrateToSelf; compute/evacuate.py _evacuate */
const moves: Readonly<Record<string, Move>> = {
  migrate: {
    since: '2.56',
    done: 'migrated',
    same: () => 'Cannot migrate to the host where the server exists.',
  },
  'os-migrateLive': {
    since: '2.1',
    done: 'migrated',
    same: (id, host) => `Unable to migrate instance (${id}) to current host (${host}).`,
  },
  evacuate: {
    since: '2.1',
    done: 'evacuated',
    same: () => "The target host can't be the same one.",
  },
};

/** Any other action, and every move that names no site, goes on as it is. */
export const moveWithinSiteOr =
  (world: World, otherwise: Answer): Answer =>
  async (asked) => {
    const raw = await asked.readBody();
    const body = tryJson(raw);
    const [action = '', given] = isObject(body) ? (Object.entries(body)[0] ?? []) : [];
    const move = Object.hasOwn(moves, action) ? moves[action] : undefined;
    const named = isObject(given) && typeof given['host'] === 'string' ? world.sites.byName(given['host']) : undefined;
    // Who may not move servers hears it from the site.
    if (move && named && asked.caller.isAdmin && atLeast(asked.microversion, move.since)) {
      const id = asked.params['server_id'] ?? '';
      const owner = await ownerOf(world, asked, kindNamed(world, 'server'), id);
      if (owner?.site.id === named.id) throw new Fault('bad-request', move.same(id, named.name));
      if (owner) {
        const words = `Server ${id} is in availability zone ${owner.site.name} and cannot be ${move.done} to host ${named.name}.`;
        throw new Fault('bad-request', words);
      }
    }
    return otherwise({ ...asked, readBody: () => Promise.resolve(raw) });
  };
