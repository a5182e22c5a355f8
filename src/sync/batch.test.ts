import { expect, test } from 'vitest';
import { Batch } from './batch.js';

test('what is asked within a moment is answered at once, each with its own answer', async () => {
  const runs: number[][] = [];
  const squares = new Batch<number, number>((items) => {
    runs.push([...items]);
    return Promise.resolve(items.map((item) => item * item));
  });
  expect(await Promise.all([2, 3, 3].map((item) => squares.ask(item)))).toEqual([4, 9, 9]);
  expect(await squares.ask(5)).toBe(25);
  expect(runs).toEqual([[2, 3, 3], [5]]);
});

test('a failure is that of all who asked, and not of those who ask later', async () => {
  let fails = true;
  const batch = new Batch<number, number>((items) =>
    fails ? Promise.reject(new Error('no')) : Promise.resolve(items),
  );
  const answers = await Promise.allSettled([batch.ask(1), batch.ask(2)]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  expect(await batch.ask(3)).toBe(3);
});
