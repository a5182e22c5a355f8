/** The choice of a site: what a request names pins it, else the project's earlier choice, else filters and weights. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { Database } from '../database/database.js';
import { statement } from '../database/queryable.js';
import type { Kind } from '../resources/kind.js';
import type { SiteRegistry } from '../sites/registry.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import type { Need } from './need.js';
import { apart, isApartFromZone, NoSiteFits, type Pin } from './contradictions.js';
import { siteOfMost, sitesThatDraw, tyingKinds } from './holdings.js';

export interface PlacementRequest {
  readonly service: ServiceName;
  readonly kind: string;
  readonly projectId: string | undefined;
  readonly pins: readonly Pin[];
  /** Sites an availability zone stands for; undefined where none was asked for. */
  readonly zone?: { readonly name: string; readonly siteIds: readonly number[] } | undefined;
  readonly need?: Need | undefined;
}

export interface Choice {
  readonly site: Site;
  /** Why, for administrators. */
  readonly reason: Record<string, unknown>;
  /** Sites to try, in this order, if the first certainly did not take the request; empty for a pinned one. */
  readonly others: readonly Site[];
}

async function mayBringAll(pins: readonly Pin[], { id: siteId }: Site): Promise<boolean> {
  for (const { id, siteIds, copies } of pins) {
    if (copies && !siteIds.includes(siteId) && !(await copies.mayBring(id, siteId))) return false;
  }
  return true;
}

export class Placement {
  constructor(
    private readonly database: Database,
    private readonly sites: SiteRegistry,
    /** How empty a site is, to what needs nothing of it. */
    private readonly usual: Pick<Need, 'free'>,
    private readonly kinds: readonly Kind[],
    /** Reads what a project has at sites whose first reads are not done: an adopted project is not to begin elsewhere. */
    private readonly readHoldings: (kinds: readonly Kind[], projectId: string) => Promise<void> = async () => undefined,
  ) {}

  /** @throws ReferencesApart where references or zone exclude each other; NoSiteFits; SiteUnreachable where the only site is silent */
  async choose(wanted: PlacementRequest): Promise<Choice> {
    try {
      return await this.chooseFor(wanted, true);
    } catch (error) {
      const fixed = wanted.pins.filter(({ copies }) => !copies);
      if (!(error instanceof NoSiteFits) || fixed.length === wanted.pins.length) throw error;
      const choice = await this.chooseFor({ ...wanted, pins: fixed }, true);
      // The first refusal is the better answer where what is missing there may not be copied.
      if (!(await mayBringAll(wanted.pins, choice.site))) throw error;
      return choice;
    }
  }

  /** @param begins true where the choice is the project's from then on */
  private async chooseFor(wanted: PlacementRequest, begins: boolean): Promise<Choice> {
    const pinned = this.pinnedSites(wanted);
    if (pinned?.siteIds.length === 1) {
      const site = this.sites.require(pinned.siteIds[0] ?? 0);
      if (wanted.zone && wanted.pins.length === 0) this.requirePlaceable(site);
      this.requireService(site, wanted.service);
      const lacks = await wanted.need?.lacking?.(site);
      if (lacks) throw new NoSiteFits(lacks);
      return { site, reason: { pinned_by: pinned.by }, others: [] };
    }
    // What it names may be in several sites (an image of one id), and each of those will do.
    const candidates = this.candidates(wanted).filter((site) => pinned?.siteIds.includes(site.id) ?? true);
    const because = pinned ? { pinned_by: pinned.by } : {};
    const chosen = await this.chosenHome(wanted.projectId);
    const home = chosen ?? (await this.likelyHome(wanted.projectId));
    const first = candidates.find((site) => site.id === home);
    if (first) {
      if (begins && chosen === undefined && wanted.projectId) await this.rememberHome(wanted.projectId, first.id);
      return {
        site: first,
        reason: { ...because, chosen_by: 'project', project_id: wanted.projectId },
        others: candidates.filter((site) => site !== first),
      };
    }
    const [site, ...others] = await this.weigh(candidates, wanted.need);
    if (!site) throw this.noSite(wanted);
    if (begins && home === undefined && wanted.projectId) await this.rememberHome(wanted.projectId, site.id);
    return {
      site,
      reason: { ...because, chosen_by: 'weights', candidates: candidates.map((one) => one.name) },
      others,
    };
  }

  /** The site a project's things go to when nothing names a zone. Who only asks does not choose it for good. */
  async homeSite(projectId: string | undefined, service: ServiceName): Promise<Site> {
    const home = await this.homeOf(projectId);
    const known = home === undefined ? undefined : this.sites.byId(home);
    const isUsable = known?.state === 'enabled' && known.health(service).reachable;
    if (isUsable && known.capabilities.endpoints[service]) return known;
    return (await this.chooseFor({ service, kind: 'project', projectId, pins: [] }, false)).site;
  }

  async record(kind: string, resourceId: string, projectId: string | undefined, choice: Choice): Promise<void> {
    await this.database.relaxed.run(
      statement(
        'placement.record',
        `insert into placement_decision (project_id, kind, resource_id, site_id, reason) values ($1, $2, $3, $4, $5)`,
      ),
      [projectId ?? null, kind, resourceId, choice.site.id, JSON.stringify(choice.reason)],
    );
  }

  private pinnedSites(wanted: PlacementRequest): { siteIds: readonly number[]; by: string } | undefined {
    let left: readonly number[] | undefined;
    let by = '';
    for (const pin of wanted.pins) {
      const both = left?.filter((id) => pin.siteIds.includes(id)) ?? pin.siteIds;
      if (both.length === 0) throw apart(wanted.pins, (id) => this.nameOf(id));
      left = both;
      by ||= pin.where;
    }
    if (!wanted.zone) return left && { siteIds: left, by };
    const zone = wanted.zone;
    if (!left)
      return zone.siteIds.length === 1 ? { siteIds: zone.siteIds, by: `availability zone ${zone.name}` } : undefined;
    const inZone = left.filter((id) => zone.siteIds.includes(id));
    if (inZone.length > 0) return { siteIds: inZone, by };
    throw isApartFromZone(wanted.pins, zone.name, (id) => this.nameOf(id));
  }

  private candidates({ service, zone, need }: PlacementRequest): Site[] {
    const all = this.sites
      .answering(service)
      .filter((site) => site.state === 'enabled' && site.capabilities.endpoints[service])
      .filter((site) => !zone || zone.siteIds.includes(site.id));
    const roomy = need ? all.filter((site) => need.fits(site)) : all;
    return roomy.length === 0 && need?.isBinding === false ? all : roomy;
  }

  private async weigh(candidates: readonly Site[], need: Need | undefined): Promise<Site[]> {
    const draw = await sitesThatDraw(this.database, this.kinds);
    const drawOf = (site: Site): number => draw.get(site.id) ?? 0;
    const free = (site: Site): number => (need ?? this.usual).free(site);
    return [...candidates].sort((a, b) => drawOf(b) - drawOf(a) || free(b) - free(a) || a.id - b.id);
  }

  /** The earlier choice, else where the project has most; undefined for one that has nothing yet. */
  async homeOf(projectId: string | undefined): Promise<number | undefined> {
    return (await this.chosenHome(projectId)) ?? this.likelyHome(projectId);
  }

  private async chosenHome(projectId: string | undefined): Promise<number | undefined> {
    if (!projectId) return undefined;
    const row = await this.database.maybe<{ site_id: number }>(
      statement('placement.home', `select site_id from project_site where project_id = $1`),
      [projectId],
    );
    return row?.site_id;
  }

  private async likelyHome(projectId: string | undefined): Promise<number | undefined> {
    if (!projectId) return undefined;
    const counted = tyingKinds(this.kinds);
    await this.readHoldings(counted, projectId);
    return siteOfMost(this.database, counted, projectId);
  }

  private async rememberHome(projectId: string, siteId: number): Promise<void> {
    await this.database.run(
      `insert into project_site (project_id, site_id) values ($1, $2) on conflict (project_id) do nothing`,
      [projectId, siteId],
    );
  }

  private requirePlaceable(site: Site): void {
    if (site.state === 'enabled') return;
    throw new NoSiteFits(`Availability zone ${site.name} takes no new resources at the moment (${site.state}).`);
  }

  /** Not every cloud has block storage. */
  private requireService(site: Site, service: ServiceName): void {
    if (site.capabilities.endpoints[service]) return;
    throw new NoSiteFits(`Availability zone ${site.name} has no ${service} service.`);
  }

  private noSite(wanted: PlacementRequest): Fault {
    const silent = this.sites.all().find((site) => !site.health(wanted.service).reachable);
    if (silent) return new SiteUnreachable(silent.name, true, 'no other site can take the request');
    if (this.sites.all().length === 0) return new Fault('unavailable', 'This cloud has no availability zone yet.');
    return new NoSiteFits('No availability zone can take this request: none is enabled and has room for it.');
  }

  private nameOf(siteId: number): string {
    return this.sites.byId(siteId)?.name ?? `#${siteId}`;
  }
}
