import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Database } from './database.js';
import { silent } from './log.js';
import { openNotices, tell, type Notices } from './notices.js';
import { testDatabase } from './testing.js';

let database: Database;
let close: () => Promise<void>;
let notices: Notices;
let arrived: string[];

beforeEach(async () => {
  ({ database, close } = await testDatabase({ migrations: [] }));
  arrived = [];
  const listener = {
    notified: (topic: string, about: string) => void arrived.push(`${topic} ${about}`),
    missed: () => void arrived.push('missed'),
  };
  notices = await openNotices(database.url, listener, silent);
});
afterEach(async () => {
  await notices.close();
  await close();
});

test('what is told arrives, once the transaction that tells it is committed', async () => {
  await tell(database, 'cascade_revoked_token', 'abc');
  await expect.poll(() => arrived).toEqual(['cascade_revoked_token abc']);
  await database
    .transaction(async (tx) => {
      await tell(tx, 'cascade_sites');
      throw new Error('rolled back');
    })
    .catch(() => undefined);
  await tell(database, 'cascade_revoked_token', 'def');
  await expect.poll(() => arrived).toEqual(['cascade_revoked_token abc', 'cascade_revoked_token def']);
});

test('a lost connection is opened again, and the listener learns that it may have missed something', async () => {
  await database.run(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'cascade notices %' and datname = current_database()`,
  );
  await vi.waitFor(() => expect(arrived).toEqual(['missed']), { timeout: 20_000 });
  await tell(database, 'cascade_sites');
  await expect.poll(() => arrived).toEqual(['missed', 'cascade_sites ']);
});
