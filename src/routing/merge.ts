/**
 * Lists of kinds that have no feed: every answering site is asked in the caller's name and the answers are put together.
 * The sites filter, so that every filter they know works; order and pages are made here, over all of them.
 */
import { bodyOf, withBody } from '../openstack/message.js';
import type { Answer, Asked } from '../openstack/route.js';
import { Fault } from '../openstack/faults.js';
import type { Body } from '../resources/kind.js';
import { askAll, sortOut } from './hear.js';
import { kindNamed, type World } from './world.js';

/** `mergeList(world, 'qos_policy')`: `{policies: [...]}` of all sites in one. */
export const mergeList = (world: World, kindName: string): Answer => mergeLists(world, kindNamed(world, kindName).keys);

/** The same for a list known by its key alone, in whatever service the request is for. */
export function mergeLists(world: World, keys: string): Answer {
  return async (asked) => {
    const { pageless, limit, marker, sort } = takePaging(asked);
    const { answers, refusal } = sortOut(await askAll(world, asked, pageless));
    if (refusal) return refusal;
    const seen = new Set<unknown>();
    const rows: Body[] = [];
    for (const { response } of answers) {
      for (const row of ((bodyOf(response) as Body | undefined)?.[keys] ?? []) as Body[]) {
        if (row['id'] !== undefined && seen.has(row['id'])) continue;
        seen.add(row['id']);
        rows.push(row);
      }
    }
    const page = pageOf(sorted(rows, sort), marker, limit);
    return withBody(answers[0]!.response, { [keys]: page });
  };
}

function takePaging(asked: Asked) {
  const query = new URLSearchParams(asked.rawQuery);
  const limit = query.get('limit');
  const marker = query.get('marker');
  const keys = query.getAll('sort_key');
  const directions = query.getAll('sort_dir');
  const both = (query.get('sort') ?? '')
    .split(',')
    .filter(Boolean)
    .map((part) => part.split(':') as [string, string?]);
  const sort = [...keys.map((key, at): [string, string?] => [key, directions[at]]), ...both];
  for (const name of ['limit', 'marker', 'page_reverse']) query.delete(name);
  // Neutron refuses an unknown sort key, so its own check stays; the order itself is ours.
  return { pageless: query.toString(), limit: limit === null ? undefined : Number(limit), marker, sort };
}

function sorted(rows: Body[], sort: readonly [string, string?][]): Body[] {
  if (sort.length === 0) return rows;
  return [...rows].sort((a, b) => {
    for (const [key, direction] of sort) {
      const order = String(a[key] ?? '').localeCompare(String(b[key] ?? ''), 'en', { numeric: true });
      if (order !== 0) return direction?.startsWith('desc') ? -order : order;
    }
    return 0;
  });
}

function pageOf(rows: Body[], marker: string | null, limit: number | undefined): Body[] {
  let from = 0;
  if (marker !== null) {
    from = rows.findIndex((row) => row['id'] === marker) + 1;
    if (from === 0) throw new Fault('bad-request', `marker [${marker}] not found`);
  }
  return limit === undefined || Number.isNaN(limit) ? rows.slice(from) : rows.slice(from, from + limit);
}
