/**
 * Who sees which image.
 * @see openstack/glance:glance/db/sqlalchemy/api.py _select_images_query, image_get_all
 */
import type { MemberStatus } from '@cascade/openstack-protocol/image/glance-filters.js';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { condition, type Condition } from '../resources/list-query.js';

const visibility = `r.facts->>'visibility'`;

/** An id that several sites hold is shown once, as `Inventory.find` finds it; a copy is never the image. */
const oneOfEachId = condition(
  `not r.is_copy and not exists (select 1 from resource e
     where e.kind = r.kind and e.id = r.id and e.site_id < r.site_id and not e.is_copy and e.deleted_at is null)`,
);

/** Images that may be shown to a caller at all, in a list or by id. */
export function visibleTo(caller: Caller, status: MemberStatus = 'all'): Condition[] {
  if (caller.isAdmin) return [oneOfEachId];
  const { projectId } = caller;
  if (projectId === undefined) return [oneOfEachId, condition(`${visibility} in ('public', 'community')`)];
  const member = `exists (select 1 from resource m where m.kind = 'image_member' and m.site_id = r.site_id
     and m.id = r.id || '/' || ? and m.deleted_at is null and m.facts->>'status' = any(?))`;
  const statuses = status === 'all' ? ['pending', 'accepted', 'rejected'] : [status];
  const seen = `${visibility} in ('public', 'community') or r.project_id = ? or (${visibility} = 'shared' and ${member})`;
  return [oneOfEachId, condition(seen, projectId, projectId, statuses)];
}

/** Those of them that a list shows: others' community images only where that visibility, or all, is asked for. */
export function listedFor(caller: Caller, status: MemberStatus, asked: string | null): Condition[] {
  const seen = visibleTo(caller, status);
  if (asked === 'all') return seen;
  if (asked !== null) return [...seen, condition(`${visibility} = ?`, asked)];
  if (caller.projectId === undefined) return [...seen, condition(`${visibility} <> 'community'`)];
  return [...seen, condition(`(r.project_id = ? or ${visibility} <> 'community')`, caller.projectId)];
}
