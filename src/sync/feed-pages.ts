/** The pages of a site's list, one after another, each with when and by whose clock it was asked for. */
import { bodyOf, type OpenStackResponse } from '../openstack/message.js';
import type { Body, Kind, KindFeed } from '../resources/kind.js';
import { SiteUnreachable, type Site } from '../sites/site.js';

export interface Page {
  readonly bodies: Body[];
  readonly askedAt: Date;
  readonly siteTime: Date;
  /** True where another page follows. */
  readonly more: boolean;
}

/** A list, and from where on. */
export interface Asked {
  readonly path: string;
  readonly query: Record<string, string>;
  /** Id of the row behind which to begin. */
  readonly behind?: string | undefined;
  /** Rows a page. @default the feed's own */
  readonly limit?: number;
}

/** The site does not know what was asked for: the marker's row is gone. */
export class PageRefused extends SiteUnreachable {}

/** All pages of all parts of a list. @throws SiteUnreachable */
export async function* readPages(kind: Kind, site: Site, asked: Asked): AsyncGenerator<Page> {
  for (const part of partsOf(feedOf(kind)))
    yield* readPart(kind, site, { ...asked, query: { ...asked.query, ...part } });
}

/** All pages of one part. @throws SiteUnreachable */
export async function* readPart(kind: Kind, site: Site, asked: Asked): AsyncGenerator<Page> {
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
  const feed = feedOf(kind);
  const askedAt = new Date();
  const asked = { ...query, limit: String(limit ?? feed.page), ...(behind ? { marker: behind } : {}) };
  const response = await site.request({
    service: kind.service,
    method: 'GET',
    path,
    query: new URLSearchParams(asked).toString(),
    microversion: feed.microversion,
    deadlineMs: 60_000,
  });
  return { ...rowsOf(kind, site, response), askedAt, siteTime: new Date(response.headers['date'] ?? askedAt) };
}

/** What a site does not have is not asked for. */
export const isFollowed = (kind: Kind, site: Site): boolean =>
  kind.feed !== undefined &&
  site.capabilities.endpoints[kind.service] !== undefined &&
  (kind.feed.offered?.(site.capabilities) ?? true);

/** The parts of which a kind's list consists: for most kinds one. */
export const partsOf = (feed: KindFeed): readonly Record<string, string>[] => feed.parts ?? [{}];

export function feedOf(kind: Kind): KindFeed {
  if (!kind.feed) throw new Error(`${kind.name} has no feed`);
  return kind.feed;
}

function rowsOf(kind: Kind, site: Site, response: OpenStackResponse): { bodies: Body[]; more: boolean } {
  const body = bodyOf(response) as Record<string, unknown> | undefined;
  const rows = body?.[kind.keys];
  if (response.status !== 200 || !Array.isArray(rows)) {
    const Reason = response.status === 400 || response.status === 404 ? PageRefused : SiteUnreachable;
    throw new Reason(site.name, true, `${kind.name} feed: ${response.status} instead of a list`);
  }
  const links = body?.[`${kind.keys}_links`] as { rel: string }[] | undefined;
  const more = Boolean(links?.some((link) => link.rel === 'next') || body?.['next']);
  return { bodies: rows.filter((row): row is Body => typeof (row as { id?: unknown } | null)?.id === 'string'), more };
}
