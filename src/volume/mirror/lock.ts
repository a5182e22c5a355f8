/**
 * One change of mirrored things at a time, over all processes of the cascade: else a reconciler that read a site's list
 * before a deletion would take the deleted type for one that an operator made there, and bring it back everywhere.
 */
import pLimit from 'p-limit';
import type { World } from '../../routing/world.js';

// The database's lock costs a connection while it is waited for, so that one process waits but once.
const oneAtATime = pLimit(1);
const lockKey = 0x766f6c74; // 'volt'

export const alone = <T>(world: World, work: () => Promise<T>): Promise<T> =>
  oneAtATime(() =>
    world.database.transaction(async (tx) => {
      await tx.run(`select pg_advisory_xact_lock(${lockKey})`);
      return work();
    }),
  );
