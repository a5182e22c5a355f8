/** Changes that must see each other: one at a time for one kind of global resource, over all processes of the cascade. */
import type { Queryable } from '../database/database.js';
import { GlobalResources } from '../resources/global.js';
import type { World } from '../routing/world.js';

/**
 * Runs `work` in one transaction that waits for its turn. `work` reads and writes through its arguments alone: a second
 * connection might be one that another waiter holds.
 */
export function inTurn<T>(
  world: World,
  kind: string,
  work: (globals: GlobalResources, tx: Queryable) => Promise<T>,
): Promise<T> {
  return world.database.transaction(async (tx) => {
    await tx.run(`select pg_advisory_xact_lock(hashtext('global'), hashtext($1))`, [kind]);
    return work(new GlobalResources({ ...world.database, ...tx }), tx);
  });
}
