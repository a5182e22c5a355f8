/** Whole lists of several sites: a site cuts what it answers, so that a long list has to be read page by page. */
import { bodyOf, isOk, withBody, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { noZoneAnswers, type Site } from '../sites/site.js';
import { askUnlessSilent, type SiteResponse } from './fan-out.js';

/** Rows of a page that is certainly full: the most that Nova, Cinder and Glance show unless they are told otherwise. */
const fullPage = 1000;

export interface WholeList {
  /** Of the list in the answer. */
  readonly keys: string;
  /** What the sites are asked, without limit, marker and offset. */
  readonly query: URLSearchParams;
  /** @default the asked path */
  readonly path?: string;
  /** What says where the next page begins. @default marker */
  readonly step?: 'marker' | 'offset';
  /** The field that markers hold. @default id */
  readonly id?: string;
  /** What a site is asked in place of a question that it refuses; undefined where its refusal stands. */
  readonly relaxed?: (refusal: OpenStackResponse, query: URLSearchParams) => URLSearchParams | undefined;
}

type Row = Record<string, unknown>;

/** One answer of each site, with all its rows; that of a silent site is missing. @throws Fault 503 where none answers */
export async function hearWholeLists(asked: Asked, sites: readonly Site[], list: WholeList): Promise<SiteResponse[]> {
  const responses = await Promise.all(
    sites.map(async (site) => {
      const response = await wholeListOf(asked, site, list);
      return response ? [{ site, response }] : [];
    }),
  );
  const answers = responses.flat();
  if (answers.length === 0) throw noZoneAnswers();
  return answers;
}

async function wholeListOf(asked: Asked, site: Site, list: WholeList): Promise<OpenStackResponse | undefined> {
  const { keys, path, step = 'marker', id = 'id', relaxed } = list;
  let query = new URLSearchParams(list.query);
  const rows: Row[] = [];
  for (;;) {
    const response = await askUnlessSilent(asked, site, {
      ...(path === undefined ? {} : { path }),
      query: query.toString(),
    });
    if (!response) return undefined;
    if (!isOk(response)) {
      const fewer = relaxed?.(response, query);
      if (!fewer) return response;
      query = fewer;
      continue;
    }
    const body = bodyOf(response) as Record<string, unknown> | undefined;
    const page = (body?.[keys] ?? []) as Row[];
    rows.push(...page);
    const next = step === 'offset' ? String(rows.length) : page.at(-1)?.[id];
    // A site that answers the same page again would be asked for ever.
    const goesOn = page.length > 0 && (page.length >= fullPage || hasNext(body)) && next !== query.get(step);
    if (goesOn && typeof next === 'string') query.set(step, next);
    else return rows.length === page.length ? response : withBody(response, { ...body, [keys]: rows });
  }
}

/** `{policies_links: [{rel: 'next', …}]}`, or Glance's `next`. */
const hasNext = (body: Record<string, unknown> | undefined): boolean =>
  Object.entries(body ?? {}).some(([key, value]) =>
    key.endsWith('_links') && Array.isArray(value) ? value.some((link: Row) => link['rel'] === 'next') : key === 'next',
  );
