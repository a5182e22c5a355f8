/** What PostgreSQL ends to resolve a deadlock has done nothing, and is run again. */
import { DatabaseError } from 'pg';

const deadlockDetected = '40P01';
const attempts = 5;

/** @param work a statement, or a transaction that does nothing but ask the database */
export async function rerunAfterDeadlock<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isVictim = error instanceof DatabaseError && error.code === deadlockDetected;
      if (!isVictim || attempt === attempts) throw error;
    }
  }
}
