/** Pages of volume types and group types. @see openstack/cinder:cinder/db/sqlalchemy/api.py volume_type_get_all */
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { compareTexts } from '@cascade/openstack-protocol/filters/text-collation.js';
import { nextPage, pageAsked } from '@cascade/openstack-protocol/volume/cinder-paging.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';

interface Type {
  readonly id: string;
  readonly name: string;
}

/**
 * @param newestFirst all rows that the filters leave
 * @returns `links`: to the next page, if there is one
 * @throws Fault 400
 */
export function typesPage<T extends Type>(asked: Asked, newestFirst: readonly T[]) {
  const asking = pageAsked(asked);
  const rows = sorted(asked.query, newestFirst);
  // A marker that is nowhere is taken no notice of.
  const from = rows.findIndex(({ id }) => id === asked.query.get('marker')) + 1 + asking.offset;
  const page = rows.slice(from, from + asking.limit);
  return { page, links: nextPage(asked, asking, page.length, page.at(-1)?.id) };
}

/** By name, id or age; equal names stay newest first. */
function sorted<T extends Type>(query: URLSearchParams, newestFirst: readonly T[]): T[] {
  const [sortKey = '', sortDir = 'desc'] = query.get('sort')?.split(':') ?? [
    query.get('sort_key') ?? 'created_at',
    query.get('sort_dir') ?? 'desc',
  ];
  const ascending = sortDir === 'asc' ? 1 : -1;
  if (sortKey === 'created_at') return ascending > 0 ? newestFirst.toReversed() : [...newestFirst];
  if (sortKey !== 'name' && sortKey !== 'id')
    throw new Fault('bad-request', 'Invalid input received: Invalid sort key');
  return newestFirst.toSorted((a, b) => compareTexts(a[sortKey], b[sortKey]) * ascending);
}
