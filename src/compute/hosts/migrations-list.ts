/** Migrations within the sites, newest first over all of them; every host in them is the site. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, isOk, json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { isSameText } from '@cascade/openstack-protocol/filters/text-collation.js';
import { queryCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { nonNegativeInteger, singleParam } from '@cascade/openstack-protocol/compute/parameter-types.js';
import type { Body } from '../../resources/kind.js';
import { maxPage, nextLink } from '../../routing/paging.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { answeringSites, askUnlessSilent } from '../../routing/fan-out.js';
import { rowOrder } from '../../routing/row-order.js';

export const migrationRoutes = (world: World): Route[] => [route('GET /os-migrations', 'manager', list(world))];

/** Only what the sites are not asked: they refuse the rest. */
const checkPage = queryCheck({
  type: 'object',
  properties: { limit: singleParam(nonNegativeInteger), marker: singleParam({ type: 'string' }) },
});
const hostFields = ['source_compute', 'source_node', 'dest_compute', 'dest_node', 'dest_host'];
const hostFilters = ['host', 'source_compute'];
const pageParameters = ['limit', 'marker'];

/**
 * The sites whose policies let the caller list migrations: since 2025.1 a project's manager may list its own, and an older site
 * keeps them to administrators. Where none lets him, what one of them says is the answer.
 * @throws Refused
 */
async function lettingSites(asked: Asked, sites: readonly Site[], filters: URLSearchParams): Promise<readonly Site[]> {
  if (asked.caller.isAdmin) return sites;
  const query = new URLSearchParams(filters);
  query.set('limit', '1');
  const answers = await Promise.all(
    sites.map(async (site) => ({ site, response: await askUnlessSilent(asked, site, { query: query.toString() }) })),
  );
  const letting = answers.filter(({ response }) => response?.status !== 403);
  const [refused] = answers;
  if (letting.length === 0 && refused?.response) throw new Refused(refused.response);
  return letting.map(({ site }) => site);
}

/** A site's refusal of the query, on its way out of the walk. */
class Refused extends Error {
  constructor(readonly response: OpenStackResponse) {
    super(`refused with ${response.status}`);
  }
}

function list(world: World): Answer {
  return async (asked) => {
    const hasPages = atLeast(asked.microversion, '2.59');
    if (hasPages) checkPage(asked.query);
    const query = filtersOf(asked, hasPages);
    try {
      const sites = await lettingSites(asked, sitesAsked(world, asked), query);
      const walks = () => sites.map((site) => walk(asked, site, query, hasPages));
      if (!hasPages) return json(200, { migrations: (await Promise.all(walks().map(all))).flat() });
      const limit = Math.min(Number(asked.query.get('limit') ?? maxPage), maxPage);
      const marker = asked.query.get('marker');
      const place = marker ? await placeOf(asked, sites, marker, query) : undefined;
      const page = await pageAfter(walks(), place, limit);
      const last = page.length === limit ? page.at(-1) : undefined;
      const links = last ? { migrations_links: [{ rel: 'next', href: nextLink(asked, String(last['uuid'])) }] } : {};
      return json(200, { migrations: page, ...links });
    } catch (error) {
      if (error instanceof Refused) return error.response;
      throw error;
    }
  };
}

/** What a site is asked for: it knows other hosts, and where a page begins and ends depends on what other sites have. */
function filtersOf(asked: Asked, hasPages: boolean): URLSearchParams {
  const query = new URLSearchParams(asked.rawQuery);
  for (const name of [...hostFilters, ...(hasPages ? pageParameters : [])]) query.delete(name);
  return query;
}

/** A filter by host names a site, since sites are the hosts; Nova takes no notice of a source beside a host. */
function sitesAsked(world: World, asked: Asked): Site[] {
  const host = hostFilters.map((name) => asked.query.getAll(name).at(-1)).find((value) => value !== undefined);
  return answeringSites(world, 'compute').filter((site) => host === undefined || isSameText(host, site.name));
}

/** A site's migrations, newest first, page by page as they are wanted. @throws Refused */
async function* walk(asked: Asked, site: Site, filters: URLSearchParams, hasPages: boolean): AsyncGenerator<Body> {
  const query = new URLSearchParams(filters);
  for (;;) {
    const response = await askUnlessSilent(asked, site, { query: query.toString() });
    if (!response) return;
    if (!isOk(response)) throw new Refused(response);
    const body = bodyOf(response) as { migrations: Body[]; migrations_links?: unknown[] };
    for (const migration of body.migrations) yield shownAt(site, migration);
    const last = body.migrations.at(-1);
    if (!hasPages || !body.migrations_links || !last) return;
    query.set('marker', String(last['uuid']));
  }
}

/**
 * The migration that a marker names, whatever the filters say of it. Nova shows none by its id: the site that knows the
 * marker is found by asking, and its list is read up to it.
 * @throws Fault 400, Refused
 */
async function placeOf(asked: Asked, sites: readonly Site[], marker: string, filters: URLSearchParams): Promise<Body> {
  const unknown = `Marker ${marker} could not be found.`;
  const query = new URLSearchParams(filters);
  query.set('marker', marker);
  query.set('limit', '1');
  const known = await Promise.all(
    sites.map(async (site) => {
      const response = await askUnlessSilent(asked, site, { query: query.toString() });
      if (!response || isOk(response)) return response ? [site] : [];
      // A refusal of the filters comes before one of the marker.
      const { badRequest } = (bodyOf(response) ?? {}) as { badRequest?: { message: string } };
      if (badRequest?.message !== unknown) throw new Refused(response);
      return [];
    }),
  );
  // Who is no administrator must say that the own project's are meant.
  const projectId = asked.caller.isAdmin ? null : filters.get('project_id');
  const whole = new URLSearchParams(projectId === null ? {} : { project_id: projectId });
  for (const site of known.flat()) {
    for await (const migration of walk(asked, site, whole, true)) {
      if (isSameText(String(migration['uuid']), marker)) return migration;
    }
  }
  throw new Fault('bad-request', unknown);
}

function shownAt(site: Site, migration: Body): Body {
  const hosts = hostFields.filter((field) => typeof migration[field] === 'string' && migration[field] !== '');
  return { ...migration, ...Object.fromEntries(hosts.map((field) => [field, site.name])) };
}

async function all(walked: AsyncGenerator<Body>): Promise<Body[]> {
  const found: Body[] = [];
  for await (const migration of walked) found.push(migration);
  return found;
}

/** Merges the walks from a place up to the end of the page. */
async function pageAfter(walks: AsyncGenerator<Body>[], place: Body | undefined, limit: number): Promise<Body[]> {
  const next = async (walked: AsyncGenerator<Body>): Promise<Body | undefined> => {
    for (;;) {
      const { value, done } = await walked.next();
      if (done) return undefined;
      if (!place || newestFirst(value, place) > 0) return value;
    }
  };
  const heads = await Promise.all(walks.map(async (walked) => ({ walked, row: await next(walked) })));
  const page: Body[] = [];
  while (page.length < limit) {
    const head = heads.filter(({ row }) => row).sort((a, b) => newestFirst(a.row!, b.row!))[0];
    if (!head?.row) break;
    page.push(head.row);
    head.row = await next(head.walked);
  }
  return page;
}

/** @see openstack/nova:nova/compute/migration_list.py MigrationSortContext */
const newestFirst = rowOrder([
  { key: 'created_at', direction: 'desc' },
  { key: 'id', direction: 'desc' },
  { key: 'uuid', direction: 'asc' },
]);
