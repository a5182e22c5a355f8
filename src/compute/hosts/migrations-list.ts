/** Migrations within the sites, newest first over all of them; every host in them is the site. */
import { Fault } from '../../openstack/faults.js';
import { bodyOf, isOk, json, type OpenStackResponse } from '../../openstack/message.js';
import { atLeast } from '../../openstack/microversion.js';
import { route, type Answer, type Asked, type Route } from '../../openstack/route.js';
import type { Body } from '../../resources/kind.js';
import { maxPage, nextLink } from '../../routing/paging.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { answeringSites, hear } from '../../routing/hear.js';
import { queryCheck } from '../../openstack/nova-schema.js';
import { nonNegativeInteger, singleParam } from '../../openstack/parameter-types.js';

export const migrationRoutes = (world: World): Route[] => [route('GET /os-migrations', 'admin', list(world))];

const checkLimit = queryCheck({ type: 'object', properties: { limit: singleParam(nonNegativeInteger) } });
const hostFields = ['source_compute', 'source_node', 'dest_compute', 'dest_node', 'dest_host'];
const hostFilters = ['host', 'source_compute'];

/** A site's refusal of the query, on its way out of the walk. */
class Refused extends Error {
  constructor(readonly response: OpenStackResponse) {
    super(`refused with ${response.status}`);
  }
}

function list(world: World): Answer {
  return async (asked) => {
    const hasPages = atLeast(asked.microversion, '2.59');
    if (hasPages) checkLimit(asked.query);
    try {
      const walks = sitesAsked(world, asked).map((site) => walk(asked, site, hasPages));
      if (!hasPages) return json(200, { migrations: (await Promise.all(walks.map(all))).flat() });
      const limit = Math.min(Number(asked.query.get('limit') ?? maxPage), maxPage);
      const page = await pageAfter(walks, asked.query.get('marker') || null, limit);
      const last = page.length === limit ? page.at(-1) : undefined;
      const links = last ? { migrations_links: [{ rel: 'next', href: nextLink(asked, String(last['uuid'])) }] } : {};
      return json(200, { migrations: page, ...links });
    } catch (error) {
      if (error instanceof Refused) return error.response;
      throw error;
    }
  };
}

/** A filter by host names a site, since sites are the hosts. */
function sitesAsked(world: World, asked: Asked): Site[] {
  const hosts = hostFilters.flatMap((name) => asked.query.get(name) ?? []);
  return answeringSites(world, 'compute').filter((site) => hosts.every((host) => host === site.name));
}

/** A site's migrations, newest first, page by page as they are wanted. */
async function* walk(asked: Asked, site: Site, hasPages: boolean): AsyncGenerator<Body> {
  const query = new URLSearchParams(asked.rawQuery);
  for (const name of [...hostFilters, 'marker']) query.delete(name);
  for (;;) {
    const response = await hear(asked, site, { query: query.toString() });
    if (!response) return;
    if (!isOk(response)) throw new Refused(response);
    const body = bodyOf(response) as { migrations: Body[]; migrations_links?: unknown[] };
    for (const migration of body.migrations) yield shownAt(site, migration);
    const last = body.migrations.at(-1);
    if (!hasPages || !body.migrations_links || !last) return;
    query.set('marker', String(last['uuid']));
  }
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

/** Merges the walks up to the end of the page. No site knows another's marker, so it is looked for on the way. */
async function pageAfter(walks: AsyncGenerator<Body>[], marker: string | null, limit: number): Promise<Body[]> {
  const heads = await Promise.all(
    walks.map(async (walked) => ({ walked, next: (await walked.next()).value as Body | undefined })),
  );
  const page: Body[] = [];
  let isPast = marker === null;
  while (page.length < limit) {
    const head = heads.filter(({ next }) => next).sort((a, b) => compare(a.next!, b.next!))[0];
    if (!head?.next) break;
    if (isPast) page.push(head.next);
    else isPast = head.next['uuid'] === marker;
    head.next = (await head.walked.next()).value as Body | undefined;
  }
  if (!isPast) throw new Fault('bad-request', `Marker ${marker} could not be found.`);
  return page;
}

/** Newest first; within one second the higher id, as Nova sorts. */
const compare = (a: Body, b: Body): number =>
  String(b['created_at']).localeCompare(String(a['created_at'])) || Number(b['id']) - Number(a['id']);
