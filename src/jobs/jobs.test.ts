import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import { NonRetryable, RetryLater, type Attempt, type JobKind } from './job.js';
import { Jobs } from './jobs.js';

let database: Database;
let close: () => Promise<void>;
const opened: Jobs[] = [];

beforeAll(async () => ({ database, close } = await testDatabase({ poolSize: 10 })));
afterAll(() => close());
afterEach(async () => {
  await Promise.all(opened.splice(0).map((jobs) => jobs.stop()));
  await database.run(`delete from job`);
});

type Work = (input: number, attempt: Attempt) => Promise<void>;

/** A process of the cascade that can do one kind of job. */
function processWith(run: Work, more: Partial<JobKind<number>> = {}): Jobs {
  const jobs = new Jobs(database, pino({ level: 'silent' }));
  jobs.register<number>({ name: 'k', perLane: 10, attempts: 3, backoffSeconds: 0.01, run, ...more });
  opened.push(jobs);
  jobs.start();
  return jobs;
}

const rows = () =>
  database.many<{ key: string; state: string; attempts: number; cause: string | null }>(
    `select * from job order by key`,
  );
const add = (jobs: Jobs, key: string, input = 0, lane = '') => jobs.add({ kind: 'k', key, lane, input });
const allDone = () => expect.poll(rows).toEqual([]);

/** Work that goes on until it is told to end. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

test('what is done is no row any more', async () => {
  const seen: number[] = [];
  const jobs = processWith(async (input) => void seen.push(input));
  await add(jobs, 'a', 7);
  await allDone();
  expect(seen).toEqual([7]);
});

test('two processes do each job once', async () => {
  const seen: number[] = [];
  const work: Work = async (input) => void seen.push(input);
  const [one] = [processWith(work), processWith(work)];
  for (let at = 0; at < 20; at += 1) await add(one, `k${at}`, at);
  await allDone();
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at));
});

test('asked for twice while it waits it runs once; while it runs, once more', async () => {
  const { open, opened: letGo } = gate();
  let runs = 0;
  const jobs = processWith(async () => {
    runs += 1;
    await letGo;
  });
  await jobs.table.add({ kind: 'k', key: 'a', input: 0 });
  await jobs.table.add({ kind: 'k', key: 'a', input: 0 });
  jobs.soon();
  await expect.poll(() => runs).toBe(1);
  await add(jobs, 'a');
  open();
  await allDone();
  expect(runs).toBe(2);
});

test('a failure is tried again, and given up after so many attempts; added again it begins anew', async () => {
  const attempts: number[] = [];
  const given: string[] = [];
  const fails: Work = async (_input, { number }) => {
    attempts.push(number);
    if (attempts.length < 4) throw new Error(`no ${number}`);
  };
  const jobs = processWith(fails, { gaveUp: async (_input, cause) => void given.push(cause) });
  await add(jobs, 'a');
  await vi.waitFor(() => expect(given).toEqual(['no 3']), { timeout: 20_000 });
  expect(await rows()).toMatchObject([{ state: 'failed', attempts: 3, cause: 'no 3' }]);
  await add(jobs, 'a');
  await allDone();
  expect(attempts).toEqual([1, 2, 3, 1]);
});

test('waiting counts no attempt; what is not retryable is not tried again', async () => {
  const numbers: number[] = [];
  const jobs = processWith(async (_input, { number }) => {
    if (numbers.push(number) < 5) throw new RetryLater('not yet', 0.01);
    throw new NonRetryable('never');
  });
  await add(jobs, 'a');
  await expect.poll(rows).toMatchObject([{ state: 'failed', cause: 'never' }]);
  expect(numbers).toEqual([1, 1, 1, 1, 1]);
});

test('no more than so many of one lane run at once, over all processes', async () => {
  let running = 0;
  let most = 0;
  const { open, opened: letGo } = gate();
  const work: Work = async () => {
    most = Math.max(most, (running += 1));
    await letGo;
    running -= 1;
  };
  const [one] = [processWith(work, { perLane: 2 }), processWith(work, { perLane: 2 })];
  for (let at = 0; at < 6; at += 1) await add(one, `k${at}`, at, 'lane');
  await expect.poll(() => running).toBe(2);
  open();
  await allDone();
  expect(most).toBe(2);
});

test('one whose process was killed is begun again by another, as its next attempt', async () => {
  const dead = new Jobs(database, pino({ level: 'silent' }));
  await dead.table.add({ kind: 'k', key: 'a', input: 0 });
  await dead.table.claim('k', 1, '00000000-0000-4000-8000-000000000000');
  await database.run(`update job set lease_until = now() - interval '1 second'`);
  const numbers: number[] = [];
  processWith(async (_input, { number }) => void numbers.push(number));
  await allDone();
  expect(numbers).toEqual([2]);
});

test('a process that lives keeps its job for as long as it takes', async () => {
  const { open, opened: letGo } = gate();
  let runs = 0;
  const work: Work = async () => {
    runs += 1;
    await letGo;
  };
  const jobs = processWith(work);
  await add(jobs, 'a');
  await expect.poll(rows).toMatchObject([{ state: 'running' }]);
  const lease = async () =>
    (await database.one<{ until: Date }>('select lease_until as until from job')).until.getTime();
  const first = await lease();
  // Renewed more often than it ends, and so nobody else's.
  for (const renewals of [1, 2]) await expect.poll(lease).toBeGreaterThan(first + renewals * 1_000);
  expect(await new Jobs(database, pino({ level: 'silent' })).table.claim('k', 10, randomUUID())).toBeUndefined();
  expect(await rows()).toMatchObject([{ state: 'running', attempts: 1 }]);
  expect(runs).toBe(1);
  open();
  await allDone();
});

test('a cancelled job is told so, and leaves nothing', async () => {
  let isAborted = false;
  const jobs = processWith(
    (_input, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => {
          isAborted = true;
          reject(signal.reason as Error);
        }),
      ),
  );
  await add(jobs, 'a');
  await expect.poll(rows).toMatchObject([{ state: 'running' }]);
  await database.run(`delete from job where kind = 'k' and key = 'a'`);
  await expect.poll(() => isAborted).toBe(true);
  await allDone();
});

test('a process that stops gives its jobs back at once', async () => {
  const cut = processWith(
    (_input, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cut off')))),
  );
  await add(cut, 'a');
  await expect.poll(rows).toMatchObject([{ state: 'running' }]);
  await cut.stop();
  expect(await rows()).toMatchObject([{ state: 'waiting', attempts: 0 }]);
});
