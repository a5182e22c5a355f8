/** A site's lists, page by page, and one resource by itself. */
import { createHash } from 'node:crypto';
import { bodyOf, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { isListedNoMore, type Body, type Kind, type KindFeed } from '../resources/kind.js';
import { SiteUnreachable, type Site } from '../sites/site.js';

/** A page of rows, and when it was asked for, by our clock and by the site's. */
export interface Page {
  readonly bodies: Body[];
  /** Of the answer that told of them, to the letter. */
  readonly digest: string;
  readonly askedAt: Date;
  readonly siteTime: Date;
  /** True where another page follows. */
  readonly more: boolean;
}

/** The site does not know what was asked for: the marker's row is gone. */
export class PageRefused extends SiteUnreachable {}

/** A page may take this long: a thousand details of a busy cloud. */
const deadlineMs = 60_000;

export function feedOf(kind: Kind): KindFeed {
  if (!kind.feed) throw new Error(`${kind.name} has no feed`);
  return kind.feed;
}

/** What a site does not have is not asked for. */
export const isFollowed = (kind: Kind, site: Site): boolean =>
  kind.feed !== undefined &&
  site.capabilities.endpoints[kind.service] !== undefined &&
  (kind.feed.offered?.(site.capabilities) ?? true);

/** The parts of which a kind's list consists: for most kinds one. */
export const partsOf = (feed: KindFeed): readonly Record<string, string>[] => feed.parts ?? [{}];

/** A list, and from where on. */
export interface Asked {
  readonly path: string;
  readonly query: Record<string, string>;
  /** Id of the row behind which it begins; the start of the list where none is given. */
  readonly behind?: string | undefined;
  /** Rows a page. @default the feed's own */
  readonly limit?: number;
}

/** Every page of every part of a list. @throws SiteUnreachable */
export async function* pages(kind: Kind, site: Site, asked: Asked): AsyncGenerator<Page> {
  for (const part of partsOf(feedOf(kind)))
    yield* pagesOf(kind, site, { ...asked, query: { ...asked.query, ...part } });
}

/** Every page of one part. @throws SiteUnreachable */
export async function* pagesOf(kind: Kind, site: Site, asked: Asked): AsyncGenerator<Page> {
  const markers = new Set<string>();
  let behind = asked.behind;
  for (;;) {
    const page = await readPage(kind, site, { ...asked, behind });
    yield page;
    const last = page.bodies.at(-1)?.['id'];
    if (!page.more || typeof last !== 'string') return;
    // A site that repeats pages forever must not keep us reading, and what it did not show is not gone.
    if (markers.has(last)) throw new SiteUnreachable(site.name, true, `${kind.name} feed: a page comes again`);
    markers.add((behind = last));
  }
}

/** @throws PageRefused, SiteUnreachable */
export async function readPage(kind: Kind, site: Site, { path, query, behind, limit }: Asked): Promise<Page> {
  const askedAt = new Date();
  const rows = String(limit ?? feedOf(kind).page);
  const asked = new URLSearchParams({ ...query, limit: rows, ...(behind ? { marker: behind } : {}) });
  const response = await ask(kind, site, path, asked.toString());
  return { ...rowsOf(kind, site, response), askedAt, siteTime: siteTimeOf(response, askedAt) };
}

/** One resource, or undefined where the site says that it is gone. @throws SiteUnreachable */
export async function readOne(kind: Kind, site: Site, id: string): Promise<{ body: Body | undefined; askedAt: Date }> {
  const askedAt = new Date();
  const response = await ask(kind, site, `${kind.collection}/${encodeURIComponent(id)}`, '');
  if (response.status === 404) return { body: undefined, askedAt };
  const answer = bodyOf(response) as Body | undefined;
  const body = (kind.key === '' ? answer : answer?.[kind.key]) as Body | undefined;
  if (response.status !== 200 || body?.['id'] !== id)
    throw new SiteUnreachable(site.name, true, `${kind.name} ${id}: ${response.status} instead of what it is`);
  return { body: isListedNoMore(body) ? undefined : body, askedAt };
}

const ask = (kind: Kind, site: Site, path: string, query: string): Promise<OpenStackResponse> =>
  site.request({
    service: kind.service,
    method: 'GET',
    path,
    ...(query ? { query } : {}),
    microversion: feedOf(kind).microversion,
    deadlineMs,
  });

/**
 * The site's clock when it was asked, at the latest. Services date an answer when they send it, and may have looked into
 * their database long before.
 */
function siteTimeOf(response: OpenStackResponse, askedAt: Date): Date {
  const dated = Date.parse(response.headers['date'] ?? '');
  return Number.isNaN(dated) ? askedAt : new Date(dated - (Date.now() - askedAt.getTime()));
}

function rowsOf(kind: Kind, site: Site, response: OpenStackResponse): Pick<Page, 'bodies' | 'digest' | 'more'> {
  const body = bodyOf(response) as Record<string, unknown> | undefined;
  const rows = body?.[kind.keys];
  if (response.status !== 200 || !Array.isArray(rows) || !Buffer.isBuffer(response.body)) {
    const Reason = response.status === 400 || response.status === 404 ? PageRefused : SiteUnreachable;
    throw new Reason(site.name, true, `${kind.name} feed: ${response.status} instead of a list`);
  }
  const links = body?.[`${kind.keys}_links`] as { rel: string }[] | undefined;
  const more = Boolean(links?.some((link) => link.rel === 'next') || body?.['next']);
  const bodies = rows.filter((row): row is Body => typeof (row as { id?: unknown } | null)?.id === 'string');
  return { bodies, digest: createHash('sha256').update(response.body).digest('base64'), more };
}
