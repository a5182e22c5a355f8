import { afterAll, beforeAll, expect, test } from 'vitest';
import { AdvisoryLocks } from './advisory-locks.js';
import type { Database } from './database.js';
import { testDatabase } from './testing.js';

let database: Database;
let close: () => Promise<void>;
/** Two processes. */
let one: AdvisoryLocks;
let other: AdvisoryLocks;

beforeAll(async () => {
  ({ database, close } = await testDatabase());
  [one, other] = [new AdvisoryLocks(database.url), new AdvisoryLocks(database.url)];
});
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
  await close();
});

function opened(): { promise: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
}

test('work under one lock never overlaps, in one process and in two', async () => {
  let running = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 ? one : other).hold('flavor', work)));
  expect(most).toBe(1);
});

test('locks of other subjects do not wait, however many are held', async () => {
  const gate = opened();
  const held = Array.from({ length: 100 }, (_, at) => one.hold(`flavor at ${at}`, () => gate.promise));
  expect(await other.hold('volume_type', () => Promise.resolve('done'))).toBe('done');
  gate.open();
  await Promise.all(held);
});

test('a lock is free again after work that throws, and after its process is gone', async () => {
  await expect(one.hold('quota', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const gate = opened();
  const taken = opened();
  const dying = new AdvisoryLocks(database.url);
  const work = dying.hold('quota', () => {
    taken.open();
    return gate.promise;
  });
  await taken.promise;
  await dying.close();
  expect(await other.hold('quota', () => Promise.resolve('mine'))).toBe('mine');
  gate.open();
  await work;
});

test('a connection that is lost is opened anew', async () => {
  await one.hold('flavor', () => Promise.resolve());
  await database.run(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name like 'cascade locks %' and datname = current_database()`,
  );
  await expect.poll(() => one.hold('flavor', () => Promise.resolve('again')).catch(() => undefined)).toBe('again');
});
