/** Lists of kinds without a feed: the sites filter, order and pages are made here over all of them, as Cinder makes them. */
import { Fault } from '../../openstack/faults.js';
import { bodyOf, withBody } from '../../openstack/message.js';
import type { Answer, Asked } from '../../openstack/route.js';
import type { Body } from '../../resources/kind.js';
import { askAll, sortOut } from '../../routing/hear.js';
import { kindNamed, type World } from '../../routing/world.js';
import { nextPage, pageAsked, sortAsked, type Asking } from './paging.js';
import { withGlobalTypes } from '../mirror/ids.js';

/** What Cinder calls the links of a list; it has none for attachments and cgsnapshots. @see openstack/cinder:cinder/api/v3/views */
const linksKeys: Readonly<Record<string, string>> = {
  transfers: 'transfers_links',
  messages: 'messages_links',
  groups: 'group_links',
  group_snapshots: 'group_snapshot_links',
  consistencygroups: 'consistencygroup_links',
};

/**
 * @param word Cinder's for one, in its messages
 * @param own rows that the cascade has itself
 */
export function mergeSites(
  world: World,
  kindName: string,
  word: string,
  own: (asked: Asked) => Promise<Body[]> = () => Promise.resolve([]),
): Answer {
  const { keys } = kindNamed(world, kindName);
  return async (asked) => {
    const page = pageAsked(asked);
    const sort = sortAsked(asked.query);
    const query = new URLSearchParams(asked.rawQuery);
    for (const name of ['limit', 'marker', 'offset']) query.delete(name);
    const { answers, refusal } = sortOut(await askAll(world, asked, query.toString()));
    if (refusal) return refusal;
    const linked = await Promise.all(answers.map(({ site, response }) => withGlobalTypes(world, response, site)));
    const rows = linked.flatMap((response) => ((bodyOf(response) as Body | undefined)?.[keys] ?? []) as Body[]);
    const ours = await own(asked);
    const ordered = answers.length > 1 || ours.length > 0 ? inOrder([...rows, ...ours], sort) : rows;
    const from = page.marker === undefined ? 0 : ordered.findIndex((row) => row['id'] === page.marker) + 1;
    if (page.marker !== undefined && from === 0)
      throw new Fault('not-found', `${word} ${page.marker} could not be found.`);
    const shown = ordered.slice(from + page.offset, from + page.offset + page.limit);
    const links = nextPage(asked, page, shown.length, shown.at(-1)?.['id'] as string | undefined);
    const linksKey = links.length > 0 ? linksKeys[keys] : undefined;
    return withBody(answers[0]!.response, { [keys]: shown, ...(linksKey ? { [linksKey]: links } : {}) });
  };
}

// Brief rows may not carry what they are sorted by; the order of each site is kept then, one site after the other.
function inOrder(rows: Body[], sort: readonly Asking[]): Body[] {
  return [...rows].sort((a, b) => {
    for (const { key, direction } of sort) {
      const order = String(a[key] ?? '').localeCompare(String(b[key] ?? ''), 'en', { numeric: true });
      if (order !== 0) return direction === 'asc' ? order : -order;
    }
    return 0;
  });
}
