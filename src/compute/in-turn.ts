/** Changes that must see each other: one at a time for one kind of global resource, over all processes of the cascade. */
import { GlobalResources } from '../resources/global.js';
import type { World } from '../routing/world.js';

/** Runs `work` in one transaction that waits for its turn; what `work` writes through its argument is all or nothing. */
export function inTurn<T>(world: World, kind: string, work: (globals: GlobalResources) => Promise<T>): Promise<T> {
  return world.database.transaction(async (tx) => {
    await tx.run(`select pg_advisory_xact_lock(hashtext('global'), hashtext($1))`, [kind]);
    return work(new GlobalResources({ ...world.database, ...tx }));
  });
}
