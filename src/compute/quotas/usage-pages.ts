/**
 * One page of what servers used, over all sites, in Nova's order: by project, then by id. The page is merged from the
 * sites' own pages, so a walk by pages shows every server once, also where the client takes the last server that it was
 * shown as the marker instead of following the link.
 * @see openstack/nova:nova/db/main/api.py instance_get_active_by_window_joined
 */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, isOk, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { answeringSites, askUnlessSilent, fanOutTo } from '../../routing/fan-out.js';
import { maxPage } from '../../routing/paging.js';
import { kindNamed, type World } from '../../routing/world.js';
import { ownerOf } from '../../routing/owner.js';
import type { Site } from '../../sites/site.js';
import { serversUpTo, type UsagePosition } from './usage-positions.js';

export interface ServerUsage {
  readonly instance_id: string;
  readonly tenant_id: string;
  readonly hours: number;
  readonly memory_mb: number;
  readonly local_gb: number;
  readonly vcpus: number;
}

export interface UsagePage {
  readonly usages: readonly ServerUsage[];
  /** As each project's sums name it; empty where nothing was used. */
  readonly period: { readonly start: string; readonly stop: string };
  readonly limit: number;
}

interface AnswerBody {
  readonly tenant_usages?: readonly TenantPart[];
  readonly tenant_usage?: Partial<TenantPart>;
}

interface TenantPart {
  readonly start: string;
  readonly stop: string;
  readonly server_usages?: readonly ServerUsage[];
}

/** A site's refusal of the question, on its way out of the merge. */
export class UsageRefused extends Error {
  constructor(readonly response: OpenStackResponse) {
    super(`refused with ${response.status}`);
  }
}

/**
 * @param project the only one whose usage is asked for
 * @throws UsageRefused in a site's own words; Fault 400 for a marker that is no server
 */
export async function usagePage(world: World, asked: Asked, project?: string): Promise<UsagePage> {
  const hasPages = atLeast(asked.microversion, '2.40');
  const limit = hasPages ? Math.min(Number(asked.query.getAll('limit').at(-1) ?? maxPage), maxPage) : Infinity;
  const marker = hasPages ? asked.query.getAll('marker').at(-1) : undefined;
  const sites = answeringSites(world, 'compute');
  const after = marker === undefined ? undefined : await positionOf(world, asked, marker, project);
  const known = after ? await serversUpTo(world.database, after) : new Map<number, string>();
  const period = { start: '', stop: '' };
  const size = Math.min(limit, maxPage, Math.ceil((2 * Math.min(limit, maxPage)) / sites.length) + 10);
  const walks = sites.map((site) =>
    walk(asked, site, {
      query: questionTo(asked, project, hasPages ? size : undefined),
      marker: known.get(site.id),
      after,
      period,
    }),
  );
  return { usages: await merged(walks, limit), period, limit };
}

/**
 * What a site is asked. Only what Nova's schema has is said: from 2.75 on it refuses all else, and of one project
 * `detailed` is no parameter, since that answer always is.
 */
function questionTo(asked: Asked, project: string | undefined, limit: number | undefined): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of ['start', 'end']) for (const value of asked.query.getAll(name)) query.append(name, value);
  if (project === undefined) query.set('detailed', '1');
  if (limit !== undefined) query.set('limit', String(limit));
  return query;
}

/** Where a walk goes on. A marker may have been deleted long ago, so that only its site still knows it. */
async function positionOf(
  world: World,
  asked: Asked,
  marker: string,
  project: string | undefined,
): Promise<UsagePosition> {
  const row = (await world.inventory.find('server', marker)) ?? (await world.inventory.findGone('server', marker));
  if (row?.project_id) return { project: row.project_id, server: marker };
  const query = questionTo(asked, project, 1);
  query.set('marker', marker);
  const answers = await fanOutTo(asked, answeringSites(world, 'compute'), { query: query.toString() });
  const found = answers.find(({ response }) => isOk(response));
  if (!found) throw new UsageRefused(answers[0]!.response);
  if (project !== undefined) return { project, server: marker };
  const owner = await ownerOf(world, asked, kindNamed(world, 'server'), marker);
  if (owner?.row?.project_id) return { project: owner.row.project_id, server: marker };
  const deleted = new URLSearchParams({ all_tenants: '1', deleted: '1', uuid: marker }).toString();
  const response = await askUnlessSilent(asked, found.site, { path: '/servers/detail', query: deleted });
  const [server] = (
    response && isOk(response) ? (bodyOf(response) as { servers: { tenant_id: string }[] }) : { servers: [] }
  ).servers;
  if (!server) throw new Fault('bad-request', `Marker ${marker} could not be found.`);
  return { project: server.tenant_id, server: marker };
}

interface Walk {
  readonly query: URLSearchParams;
  /** A server of the site at or before the place where the page begins. */
  readonly marker: string | undefined;
  readonly after: UsagePosition | undefined;
  /** Filled in. */
  readonly period: { start: string; stop: string };
}

/** What a site's servers used, in order, page by page as it is wanted. A silent site has nothing to add. */
async function* walk(asked: Asked, site: Site, { query, marker, after, period }: Walk): AsyncGenerator<ServerUsage> {
  for (let from = marker; ;) {
    if (from !== undefined) query.set('marker', from);
    else query.delete('marker');
    const response = await askUnlessSilent(asked, site, { query: query.toString() });
    if (!response) return;
    if (!isOk(response)) {
      if (from === undefined || from !== marker) throw new UsageRefused(response);
      from = undefined; // The inventory's server is gone without a trace: from the beginning, then.
      marker = undefined;
      continue;
    }
    const { parts, isLast } = partsOf(response);
    Object.assign(period, parts.map(({ start, stop }) => ({ start, stop })).at(0));
    const usages = parts.flatMap(({ server_usages = [] }) => server_usages).sort(byPosition);
    for (const usage of usages) if (!after || compare(positionIn(usage), after) > 0) yield usage;
    from = usages.at(-1)?.instance_id;
    if (isLast || from === undefined) return;
  }
}

function partsOf(response: OpenStackResponse): { parts: TenantPart[]; isLast: boolean } {
  const body = bodyOf(response) as AnswerBody & Record<'tenant_usages_links' | 'tenant_usage_links', unknown>;
  const isTold = (part: Partial<TenantPart>): part is TenantPart => part.start !== undefined;
  const parts = [...(body.tenant_usages ?? [body.tenant_usage ?? {}])].filter(isTold);
  return { parts, isLast: !(body.tenant_usages_links ?? body.tenant_usage_links) };
}

async function merged(walks: readonly AsyncGenerator<ServerUsage>[], limit: number): Promise<ServerUsage[]> {
  const heads = await Promise.all(
    walks.map(async (walked) => ({ walked, next: (await walked.next()).value as ServerUsage | undefined })),
  );
  const page: ServerUsage[] = [];
  while (page.length < limit) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) if (head.next && (!first?.next || byPosition(head.next, first.next) < 0)) first = head;
    if (!first?.next) break;
    page.push(first.next);
    first.next = (await first.walked.next()).value as ServerUsage | undefined;
  }
  return page;
}

const positionIn = ({ tenant_id, instance_id }: ServerUsage): UsagePosition => ({
  project: tenant_id,
  server: instance_id,
});
const byPosition = (a: ServerUsage, b: ServerUsage): number => compare(positionIn(a), positionIn(b));

function compare(a: UsagePosition, b: UsagePosition): number {
  if (a.project !== b.project) return a.project < b.project ? -1 : 1;
  return a.server === b.server ? 0 : a.server < b.server ? -1 : 1;
}
