/** `GET /tasks`: Glance's tasks of all sites, newest first. Administrators only, and seldom asked for. */
import { Fault } from '../openstack/faults.js';
import { bodyOf, json } from '../openstack/message.js';
import type { Answer } from '../openstack/route.js';
import type { Body } from '../resources/kind.js';
import { answeringSites, answersOrRefusal } from '../routing/fan-out.js';
import { rowOrder } from '../routing/row-order.js';
import { hearWholeLists } from '../routing/whole-lists.js';
import type { World } from '../routing/world.js';
import { imageLimit, pageLinks } from './image-pages.js';

export function listTasks(world: World): Answer {
  return async (asked) => {
    const limit = imageLimit(asked);
    const query = new URLSearchParams(asked.rawQuery);
    for (const name of ['marker', 'limit']) query.delete(name);
    query.set('limit', '1000');
    const sites = answeringSites(world, 'image');
    const { answers, refusal } = answersOrRefusal(await hearWholeLists(asked, sites, { keys: 'tasks', query }));
    if (refusal) return refusal;
    const direction = query.get('sort_dir') === 'asc' ? 'asc' : 'desc';
    const keys = [query.get('sort_key') ?? 'created_at', 'created_at', 'id'];
    const rows = answers
      .flatMap(({ response }) => (bodyOf(response) as { tasks?: Body[] } | undefined)?.tasks ?? [])
      .sort(rowOrder(keys.map((key) => ({ key, direction }))));
    const marker = asked.query.get('marker');
    const from = marker === null ? 0 : rows.findIndex((row) => row['id'] === marker) + 1;
    if (marker !== null && from === 0) throw new Fault('bad-request', `No task found with ID ${marker}`);
    const tasks = rows.slice(from, from + limit);
    const next = limit > 0 && tasks.length === limit ? String(tasks.at(-1)?.['id']) : undefined;
    return json(200, { tasks, ...pageLinks(asked, next) });
  };
}
