/** Bounds for questions whose cost only their caller knows. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Database, Queryable } from '../database/database.js';
import type { Condition } from './list-query.js';

/** Milliseconds for a question with a caller's regular expression: no pattern keeps a connection for longer. */
export const patternTimeoutMs = 10_000;

const queryCanceled = '57014';
const invalidRegularExpression = '2201B';

/**
 * Asks the database, with a time limit where a condition is somebody's pattern.
 * @throws Fault 400 for a pattern that takes too long, that is too complex, or that the database does not understand
 */
export async function withPatternTimeout<Result>(
  database: Database,
  where: readonly Condition[],
  ask: (on: Queryable) => Promise<Result>,
  limitMs = patternTimeoutMs,
): Promise<Result> {
  const patterns = where.filter(({ isPattern }) => isPattern);
  if (patterns.length === 0) return ask(database);
  try {
    return await database.transaction(async (tx) => {
      await tx.run(`set local statement_timeout = ${limitMs}`);
      return ask(tx);
    });
  } catch (error) {
    const words = refusalOf(error as { code?: string; message: string });
    if (words === undefined) throw error;
    throw new Fault('bad-request', words(patterns.map(({ values }) => `'${String(values[0])}'`).join(', ')));
  }
}

/** PostgreSQL counts a pattern that grows beyond its memory limit among the invalid ones; only the words differ. */
function refusalOf({ code, message }: { code?: string; message: string }): ((quoted: string) => string) | undefined {
  if (code === queryCanceled) return (quoted) => `The search for ${quoted} takes too long: narrow it.`;
  if (code !== invalidRegularExpression) return undefined;
  if (message.endsWith('too complex')) return (quoted) => `The search for ${quoted} is too complex: narrow it.`;
  return (quoted) => `${quoted} is not a 'regex'`;
}
