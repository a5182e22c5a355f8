/**
 * One change of a kind of global resources at a time, over all processes of the cascade: else a reconciler that read a
 * site's list before a deletion would take the deleted thing for one that an operator made there, and bring it back
 * everywhere.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import type { World } from './world.js';

// The database's lock costs a connection while it is waited for, so that one process waits but once for each subject.
const queues = new Map<string, LimitFunction>();

/** @param subject what is changed: `flavor`, `volume_type` */
export function alone<T>(world: World, subject: string, work: () => Promise<T>): Promise<T> {
  let queue = queues.get(subject);
  if (!queue) queues.set(subject, (queue = pLimit(1)));
  return queue(() =>
    world.database.transaction(async (tx) => {
      await tx.run(`select pg_advisory_xact_lock(hashtext('alone'), hashtext($1))`, [subject]);
      return work();
    }),
  );
}
