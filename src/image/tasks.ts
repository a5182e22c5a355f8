/** `GET /tasks`: Glance's tasks of all sites, newest first. Administrators only, and seldom asked for. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, json } from '@cascade/openstack-protocol/message.js';
import { looksLikeUuid } from '@cascade/openstack-protocol/compute/nova-schema.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { idAsKept } from '@cascade/openstack-protocol/filters/text-collation.js';
import { bodyOfRow } from '../resources/inventory.js';
import type { Body } from '../resources/kind.js';
import { answeringSites, answersOrRefusal } from '../routing/fan-out.js';
import { ownerOf } from '../routing/owner.js';
import { rowOrder } from '../routing/row-order.js';
import { hearWholeLists } from '../routing/whole-lists.js';
import { kindNamed, type World } from '../routing/world.js';
import { imageLimit, pageLinks } from '@cascade/openstack-protocol/image/glance-paging.js';

export function listTasks(world: World): Answer {
  return async (asked) => {
    const limit = imageLimit(asked);
    const marker = markerIn(asked.query);
    const query = new URLSearchParams(asked.rawQuery);
    for (const name of ['marker', 'limit']) query.delete(name);
    query.set('limit', '1000');
    const sites = answeringSites(world, 'image');
    const { answers, refusal } = answersOrRefusal(await hearWholeLists(asked, sites, { keys: 'tasks', query }));
    if (refusal) return refusal;
    const direction = query.get('sort_dir') === 'asc' ? 'asc' : 'desc';
    const keys = [query.get('sort_key') ?? 'created_at', 'created_at', 'id'];
    const order = rowOrder(keys.map((key) => ({ key, direction })));
    const rows = answers
      .flatMap(({ response }) => (bodyOf(response) as { tasks?: Body[] } | undefined)?.tasks ?? [])
      .sort(order);
    const place = marker === undefined ? undefined : await placeOf(world, asked, rows, marker);
    const from = place ? rows.filter((row) => order(row, place) <= 0).length : 0;
    const tasks = rows.slice(from, from + limit);
    const next = limit > 0 && tasks.length === limit ? String(tasks.at(-1)?.['id']) : undefined;
    return json(200, { tasks, ...pageLinks(asked, next) });
  };
}

/** @throws Fault 400 for what is no id */
function markerIn(query: URLSearchParams): string | undefined {
  const marker = query.get('marker');
  if (marker === null) return undefined;
  if (marker && !looksLikeUuid(marker)) throw new Fault('bad-request', 'Invalid marker format');
  return idAsKept(marker);
}

/** A marker that the filters leave out still marks a place. @throws Fault 400 for one that is nowhere */
async function placeOf(world: World, asked: Asked, rows: readonly Body[], marker: string): Promise<Body> {
  const listed = rows.find((row) => row['id'] === marker);
  if (listed) return listed;
  await ownerOf(world, asked, kindNamed(world, 'task'), marker);
  const row = await world.inventory.find('task', marker);
  if (row) return bodyOfRow(row);
  throw new Fault('bad-request', `Task with the given id ${marker} was not found`);
}
