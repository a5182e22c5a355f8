/** What the engines need to know about one kind of zonal resource. Each service declares its kinds as rows. */
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { SiteCapabilities } from '../sites/site.js';

export type Body = Record<string, unknown>;

// Nova shows what waits for its reclaim by id and among the changes, and lists it no more.
const listedNoMore = new Set<unknown>(['DELETED', 'SOFT_DELETED']);

/** True of what is shown by its id, or as a change, and is in no list. */
export const isListedNoMore = (body: Body): boolean => listedNoMore.has(body['status']);

export interface Kind {
  /** `server`, `security_group`: singular, unique over all services. */
  readonly name: string;
  readonly service: ServiceName;
  /** `/servers`: where one is created, and below which one is found by id. */
  readonly collection: string;
  /** JSON keys of one and of many; '' where the body is not wrapped (Glance). */
  readonly key: string;
  readonly keys: string;
  /** How the inventory follows it; absent for kinds that are read when they are asked for. */
  readonly feed?: KindFeed;
  /** True of a body that a site shows of what is another one to tenants. */
  readonly isCopy?: (body: Body) => boolean;
  /** True where a project sees none but its own, whoever shares what. */
  readonly isPrivate?: true;
  /** What a tenant can do who needs one in another zone, said where a request names two zones. */
  readonly elsewhere?: string;
  /** True where a site that has one is not removed unless the operator insists. */
  readonly keepsSite?: true;
  /** How firmly one ties its project, as long as that has no home, to the site where it is; absent where it says nothing. */
  readonly tiesProject?: Tie;
  /** Which of them draw projects that have nothing yet to their site. */
  readonly drawsProjects?: { readonly those: FactsCondition; readonly mostly: FactsCondition };
  /** The project that owns a body. */
  readonly projectOf?: (body: Body) => string | undefined;
  /** When it was made and last changed, as the body says. */
  readonly timesOf?: (body: Body) => { created?: string | undefined; updated?: string | undefined };
  /** What lists filter and sort by; the whole body where this is absent. */
  readonly factsOf?: (body: Body) => Body;
  /** How a body is kept, from which pages may be put together without parsing it. Default: JSON as it comes. */
  readonly textOf?: (body: Body) => string;
  /** Merges a body as a tenant saw it, at whatever microversion, into the canonical one. Default: its keys win. */
  readonly mergeSeen?: (seen: Body, known: Body | undefined) => Body;
}

/**
 * Strongest first. `topology`: nothing of another zone can be joined to it (a network). `joined`: it can be joined to nothing of
 * another zone (a server). Then what is stored, and what can be made again at any moment.
 */
export type Tie = 'topology' | 'joined' | 'stored' | 'loose';

/** SQL about the facts of the row `r`. */
export type FactsCondition = string;

export interface KindFeed {
  /** Path of the detailed list at a site. */
  readonly path: string;
  /** Microversion in which the canonical body is read; the site's maximum lowers it. */
  readonly microversion?: string;
  /** Query that shows an administrator every project's rows. */
  readonly everything: Record<string, string>;
  /** Queries, each of which shows a part of what there is, where no single one shows all (Glance's hidden images). */
  readonly parts?: readonly Record<string, string>[];
  /** Query that narrows it to one project. */
  readonly ofProject: (projectId: string) => Record<string, string>;
  /** False for a site that has no such collection, where nothing is read; absent where every site has it. */
  readonly offered?: (capabilities: SiteCapabilities) => boolean;
  /** Queries, all of which together give what changed since a moment; undefined where the site cannot tell. */
  readonly changed?: (since: Date, capabilities: SiteCapabilities) => Record<string, string>[] | undefined;
  /** True where `changed` also tells of deletions (Nova's changes-since); else ids are compared. */
  readonly tellsDeletions?: boolean;
  /**
   * SQL of `r`: rows that the site shows with every change as long as it has them, and may forget without telling (Nova's
   * requests to build a server). With `tellsDeletions` alone.
   */
  readonly untraced?: string;
  /** Cheapest way to all ids: path and query. */
  readonly ids: { readonly path: string; readonly query: Record<string, string> };
  /** True of a row that says no more than that it is there: its part of the site is down (Nova's cells). */
  readonly isPartial?: (body: Body) => boolean;
  /** Rows a page; the site's own maximum lowers it. */
  readonly page: number;
}
