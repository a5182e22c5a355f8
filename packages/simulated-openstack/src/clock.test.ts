import { expect, test, vi } from 'vitest';
import { Clock } from './clock.js';

test('tasks that were kept are done by whoever takes them back, also those kept before they had a `name`', async () => {
  const clock = new Clock();
  const done = vi.fn<(about: unknown) => void>();
  clock.register({ 'boot server': done });
  const kept = { about: 'one', dueAt: Date.now() };
  clock.parts()['task']!.restore(
    new Map([
      ['1', { ...kept, name: 'boot server' }],
      ['2', { ...kept, deed: 'boot server', about: 'two' }],
    ]),
  );
  await vi.waitFor(() => expect(done.mock.calls).toEqual([['one'], ['two']]), 20_000);
  clock.close();
});
