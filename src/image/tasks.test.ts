/** `GET /tasks` over two Glances, which filter and order as the real one does. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cascadeOver, type TestCascade } from './testing.js';

interface Task {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly owner: string;
  readonly created_at: string;
}

const idOf = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;
const task = (number: number, status: string): Task => ({
  id: idOf(number),
  type: 'import',
  status,
  owner: 'admin-project',
  created_at: `2026-01-0${number}T00:00:00Z`,
});

/** @see openstack/glance:glance/api/v2/tasks.py RequestDeserializer.index, glance/db/sqlalchemy/api.py task_get_all */
class Tasks {
  readonly asked: string[] = [];

  constructor(private readonly tasks: readonly Task[]) {}

  readonly serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://glance');
    this.asked.push(`${pathname}?${query.toString()}`);
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const id = /\/tasks\/(.+)$/.exec(pathname)?.[1];
    const one = this.tasks.find((row) => row.id === id);
    if (id !== undefined) return void (one ? answer(200, one) : answer(404, {}));
    const status = query.get('status');
    if (status && !['pending', 'processing', 'success', 'failure'].includes(status))
      return void answer(400, { message: `Invalid status value: ${status}` });
    const key = (query.get('sort_key') ?? 'created_at') as keyof Task;
    const sign = query.get('sort_dir') === 'asc' ? 1 : -1;
    const rows = this.tasks
      .filter((row) => !status || row.status === status)
      .filter((row) => !query.get('owner') || row.owner === query.get('owner'))
      .sort((a, b) => sign * (a[key] < b[key] ? -1 : 1));
    answer(200, { tasks: rows, first: '/v2/tasks', schema: '/v2/schemas/tasks' });
  };
}

const [first, second] = [
  new Tasks([task(1, 'success'), task(3, 'failure'), task(5, 'success')]),
  new Tasks([task(2, 'success'), task(4, 'success')]),
];
let cascade: TestCascade;
beforeAll(async () => {
  cascade = await cascadeOver([first.serve, second.serve]);
});
afterAll(() => cascade.close());

const list = async (query: string): Promise<unknown> => {
  const { status, body } = await cascade.get(`/image/v2/tasks${query}`, 'admin');
  const tasks = (body as { tasks?: Task[] }).tasks;
  return status === 200 ? tasks?.map(({ id }) => Number(id.at(-1))) : [status, JSON.stringify(body)];
};

test.each([
  ['', [5, 4, 3, 2, 1]],
  ['?sort_dir=asc', [1, 2, 3, 4, 5]],
  ['?sort_key=id&sort_dir=asc&limit=2', [1, 2]],
  ['?status=success', [5, 4, 2, 1]],
  ['?status=success&type=import&limit=2', [5, 4]],
  ['?owner=nobody', []],
  [`?marker=${idOf(4)}`, [3, 2, 1]],
  // A marker that the filter leaves out still marks a place.
  [`?status=success&marker=${idOf(3)}`, [2, 1]],
  [`?status=failure&marker=${idOf(4)}`, [3]],
  ['?limit=0', []],
])('tasks%s', async (query, wanted) => {
  expect(await list(query)).toEqual(wanted);
});

test.each([
  ['?marker=x', 'Invalid marker format'],
  [`?marker=${idOf(9)}`, `Task with the given id ${idOf(9)} was not found`],
  ['?limit=x', 'limit param must be an integer'],
  ['?status=merry', 'Invalid status value: merry'],
])('tasks%s is refused', async (query, words) => {
  expect(await list(query)).toEqual([400, expect.stringContaining(words)]);
});

test('each site is asked all that was asked, but for the page', async () => {
  first.asked.length = second.asked.length = 0;
  await list('?status=success&type=import&owner=a&foo=bar&sort_key=status&sort_dir=asc&limit=1');
  for (const { asked } of [first, second])
    expect(asked).toEqual([
      '/v2/tasks?status=success&type=import&owner=a&foo=bar&sort_key=status&sort_dir=asc&limit=1000',
    ]);
});
