/** Nova's lists of what other services have, up to 2.35: the sites' lists, one after the other, cut into pages here. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, withBody } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { pythonInteger } from '@cascade/openstack-protocol/validation/python-literal.js';
import type { Body } from '../resources/kind.js';
import { answeringSites, answersOrRefusal } from './fan-out.js';
import { nextLink, pageLimit } from './paging.js';
import { hearWholeLists } from './whole-lists.js';
import type { World } from './world.js';

/**
 * `mergeLists(world, 'volumes', 'offset')`: `{volumes: [...]}` of all sites in one.
 * @param step how pages are asked for; without one there are none, and Nova takes no notice of a limit
 * @see openstack/nova:nova/api/openstack/common.py limited
 */
export function mergeLists(world: World, keys: string, step?: 'marker' | 'offset'): Answer {
  return async (asked) => {
    const query = new URLSearchParams(asked.rawQuery);
    for (const name of ['limit', 'marker', 'offset']) query.delete(name);
    const page = step && pageAsked(asked, step);
    const sites = answeringSites(world, asked.service.name);
    const { answers, refusal } = answersOrRefusal(
      await hearWholeLists(asked, sites, { keys, query, step: step ?? 'marker' }),
    );
    if (refusal) return refusal;
    const rows = withoutRepeats(
      answers.flatMap(({ response }) => ((bodyOf(response) as Body | undefined)?.[keys] ?? []) as Body[]),
    );
    if (!page) return withBody(answers[0]!.response, { [keys]: rows });
    const from = page.offset + (page.marker === undefined ? 0 : placeAfter(rows, page.marker));
    const shown = rows.slice(from, from + page.limit);
    const last = step === 'marker' && shown.length === page.limit ? shown.at(-1) : undefined;
    const links = last ? { [`${keys}_links`]: [{ rel: 'next', href: nextLink(asked, String(last['id'])) }] } : {};
    return withBody(answers[0]!.response, { [keys]: shown, ...links });
  };
}

/** @throws Fault 400 */
function pageAsked(asked: Asked, step: 'marker' | 'offset') {
  if (step === 'marker') {
    for (const name of ['limit', 'page_size', 'offset']) requireWhole(name, asked.query.get(name));
    return { limit: pageLimit(asked), offset: 0, marker: asked.query.get('marker') ?? undefined };
  }
  const limit = pageLimit(asked);
  const offset = asked.query.get('offset') ?? '0';
  if (!/^\d+$/.test(offset)) {
    const words = `Invalid input for query parameters offset. Value: ${offset}. '${offset}' does not match '^[0-9]*$'`;
    throw new Fault('bad-request', words);
  }
  // A limit of nothing is none here.
  return { limit: limit || Infinity, offset: Number(offset), marker: undefined };
}

/**
 * No schema checks these.
 * @throws Fault 400
 * @see openstack/nova:nova/api/openstack/common.py get_pagination_params
 */
function requireWhole(name: string, text: string | null): void {
  if (text === null) return;
  const value = pythonInteger(text);
  if (value !== undefined && value >= 0) return;
  const why = value === undefined ? 'must be an integer' : 'must be >= 0';
  throw new Fault('bad-request', `Invalid input received: ${name} ${why}`);
}

/** An image that was copied is in several sites. */
function withoutRepeats(rows: readonly Body[]): Body[] {
  const seen = new Set<unknown>();
  return rows.filter(({ id }) => {
    if (id === undefined) return true;
    const isNew = !seen.has(id);
    seen.add(id);
    return isNew;
  });
}

/** @throws Fault 400 in the words that Nova has from Glance */
function placeAfter(rows: readonly Body[], marker: string): number {
  const at = rows.findIndex((row) => row['id'] === marker);
  if (at < 0) throw new Fault('bad-request', `HTTP 400 Bad Request: No image found with ID ${marker}`);
  return at + 1;
}
