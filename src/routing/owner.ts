/** Finds the site of an id. */
import { LRUCache } from 'lru-cache';
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import { formatMicroversion } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { linkBodyBack } from '../resources/linking.js';
import type { Row } from '../resources/inventory.js';
import type { Body, Kind } from '../resources/kind.js';
import { limited, type SiteLimits } from '../sites/limits.js';
import { ignoreSilence, type Site } from '../sites/site.js';
import type { World } from './world.js';

export interface Owner {
  readonly site: Site;
  readonly projectId: string | null;
  /** As the inventory has it; undefined where it has none, or its tombstone. */
  readonly row?: Row;
}

const looksLikeId = /^([0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32})$/i;

// Ids no site knew a moment ago.
const unknown = new LRUCache<string, true>({ max: 10_000, ttl: 2_000 });

// Each question goes to every site: one project's guesses must not keep the sites busy. Who asks more waits.
const perProject: SiteLimits = { concurrency: 4, perSecond: 20 };
const turns = new LRUCache<string, ReturnType<typeof limited>>({ max: 10_000 });

function turnOf(projectId: string): ReturnType<typeof limited> {
  let turn = turns.get(projectId);
  if (!turn) turns.set(projectId, (turn = limited(perProject)));
  return turn;
}

/**
 * The site that has, or had, a resource: from the inventory, or, for an id it does not know, by asking the sites. That
 * finds what was made in a site a moment ago and no feed has told yet. What is deleted had a site too, which is the one to
 * say so: clients poll for the end of a deletion.
 */
export async function ownerOf(world: World, asked: Asked, kind: Kind, id: string): Promise<Owner | undefined> {
  const living = await world.inventory.find(kind.name, id);
  const row = living ?? (await world.inventory.findGone(kind.name, id));
  const known = row && world.sites.byId(row.site_id);
  if (known) return { site: known, projectId: row.project_id, ...(living ? { row: living } : {}) };
  if (!looksLikeId.test(id)) return undefined;
  const key = `${kind.name}/${id}/${asked.caller.projectId ?? ''}`;
  if (unknown.has(key)) return undefined;
  const site = await turnOf(asked.caller.projectId ?? '')(() => askSites(world, asked, kind, id));
  if (!site) unknown.set(key, true);
  return site && { site, projectId: asked.caller.projectId ?? null };
}

async function askSites(world: World, asked: Asked, kind: Kind, id: string): Promise<Site | undefined> {
  const answers = world.sites.answering(kind.service).map(async (site) => {
    const askedAt = new Date();
    const request = { service: kind.service, method: 'GET', path: `${kind.collection}/${encodeURIComponent(id)}` };
    // In the caller's name: what the caller may not see does not exist.
    const response = await site.request(
      { ...request, microversion: kind.feed?.microversion ?? askedVersion(asked, kind), deadlineMs: 5_000 },
      asked.caller,
    );
    const body = response.status === 200 ? unwrap(kind, bodyOf(response)) : undefined;
    if (body) await world.inventory.remember(kind, site, linkBodyBack(body, site), askedAt);
    return body && !kind.isCopy?.(body) ? site : undefined;
  });
  const sites = await Promise.all(answers.map((answer) => answer.catch(ignoreSilence)));
  return sites.find((site) => site !== undefined);
}

// Newer kinds are found only in the microversions that have them (Cinder's groups, attachments).
const askedVersion = (asked: Asked, kind: Kind): string | undefined =>
  asked.service.name === kind.service && asked.microversion ? formatMicroversion(asked.microversion) : undefined;

/** The resource in an answer's body: `{server: {…}}`, or the body itself for services that do not wrap (Glance). */
export function unwrap(kind: Kind, body: unknown): Body | undefined {
  const inner = kind.key === '' ? body : (body as Body | undefined)?.[kind.key];
  return typeof inner === 'object' && inner !== null && typeof (inner as Body)['id'] === 'string'
    ? (inner as Body)
    : undefined;
}

/** Many in an answer's body, or one. */
export function unwrapAll(kind: Kind, body: unknown): Body[] {
  const many = (body as Body | undefined)?.[kind.keys];
  if (Array.isArray(many)) return many.filter((one: Body | null): one is Body => typeof one?.['id'] === 'string');
  const one = unwrap(kind, body);
  return one ? [one] : [];
}
