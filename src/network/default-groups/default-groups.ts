/**
 * A project's security group `default` is one to tenants. Each site's Neutron makes one of its own; the id that tenants know
 * is an alias for it at that site's gateway, and the rules of one of them are shown. See docs/decisions/0027.
 */
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Queryable } from '../../database/queryable.js';
import type { Placement } from '../../placement/placement.js';
import type { GlobalResources } from '../../resources/global.js';
import type { Body } from '../../resources/kind.js';
import type { SiteRegistry } from '../../sites/registry.js';
import { ignoreSilence, SiteUnreachable, type Site } from '../../sites/site.js';
import type { FeedReader } from '../../sync/feed-reader.js';
import { readAhead } from '../../sync/first-reads.js';
import { askAsAdmin } from '../../routing/ask-as-admin.js';
import { converge, giveRules, isAlike, looksAlike, type ConvergeContext, type Pair } from './converge.js';
import type { DefaultGroup, DefaultGroups } from '../../routing/default-groups.js';
import { canHold } from '../../globals/global-kind.js';
import { firstRules } from '../new-groups/first-rules.js';
import { ofGroup, rulesOfNewGroups } from '../new-groups/older-zones.js';
import { DefaultGroupTable } from './group-table.js';
import { respell } from './respell.js';

export interface DefaultGroupParts extends ConvergeContext {
  readonly sites: SiteRegistry;
  readonly placement: Placement;
  readonly reader: FeedReader;
  readonly globals: GlobalResources;
}

/** A group that was changed no later than this after it was made is as its Neutron made it. */
const untouchedMs = 2_000;

export class NeutronDefaultGroups implements DefaultGroups {
  private readonly table: DefaultGroupTable;
  /** Pairs of a project and a site that need no thought for a while. */
  private readonly settled = new LRUCache<string, true>({ max: 50_000, ttl: 60_000 });
  private readonly adopting = new Map<number, ReturnType<typeof pLimit>>();

  constructor(private readonly parts: DefaultGroupParts) {
    this.table = new DefaultGroupTable(parts.database);
  }

  among(ids: readonly string[]): Promise<DefaultGroup[]> {
    return this.table.among(ids);
  }

  countApart(siteId: number): Promise<number> {
    return this.table.countApart(siteId);
  }

  async shown(caller: Caller, projectId: string | undefined): Promise<void> {
    if (!projectId || (await this.table.of(projectId))) return;
    const home = await this.parts.placement.homeSite(projectId, 'network').catch(ignoreSilence);
    if (home) await this.ready(home, caller, projectId);
  }

  async ready(site: Site, caller: Caller, projectId: string | undefined): Promise<void> {
    if (!projectId || !site.capabilities.endpoints.network) return;
    const key = `${projectId}/${site.id}`;
    if (this.settled.has(key)) return;
    try {
      const group = await this.madeAt(site, caller, projectId);
      if (!group) return;
      await this.settle(group, site);
      this.settled.set(key, true);
    } catch (error) {
      // Whatever cannot be asked now, the request itself will meet; the mapping is made up for.
      if (!(error instanceof SiteUnreachable)) throw error;
    }
  }

  /** What feeds have told of a site's groups. */
  async adopt(site: Site): Promise<void> {
    // One after the other: what was stored while one ran, it may have missed.
    let turn = this.adopting.get(site.id);
    if (!turn) this.adopting.set(site.id, (turn = pLimit(1)));
    return turn(() => this.adoptNow(site));
  }

  async reconcile(site: Site): Promise<void> {
    await this.adopt(site);
    for (const projectId of await this.table.unsettled(site.id)) {
      const group = await this.table.of(projectId);
      if (group) await this.settle(group, site);
    }
  }

  async changed(group: DefaultGroup): Promise<void> {
    await this.table.followAll(group.projectId);
    const now = await this.table.of(group.projectId);
    if (!now) return;
    const sites = this.parts.sites
      .answering('network')
      .filter((site) => now.sites.some(({ siteId }) => siteId === site.id));
    await Promise.all(sites.map((site) => this.settle(now, site, true).catch(ignoreSilence)));
  }

  async removed(group: DefaultGroup): Promise<void> {
    await this.table.remove(group.id);
    for (const site of this.parts.sites.all()) this.settled.delete(`${group.projectId}/${site.id}`);
  }

  private async madeAt(site: Site, caller: Caller, projectId: string): Promise<DefaultGroup | undefined> {
    let group = await this.table.of(projectId);
    const isMapped = () => group?.sites.some(({ siteId }) => siteId === site.id);
    if (isMapped()) return group;
    if (!group) {
      const { reader, sites, placement, kind } = this.parts;
      await readAhead(reader, sites, [kind('security_group'), kind('security_group_rule')], projectId);
      // Whose rules are shown is decided once: the home's, if it can be asked.
      const home = sites.byId((await placement.homeOf(projectId)) ?? site.id);
      const isHomes = (await this.table.rowsOf(projectId)).some((row) => row.site_id === home?.id);
      if (home && !isHomes && home.id !== site.id) await this.askFor(home, caller, projectId).catch(ignoreSilence);
    }
    const isKnown = (await this.table.rowsOf(projectId)).some((row) => row.site_id === site.id);
    if (!isKnown) await this.askFor(site, caller, projectId);
    await this.adoptProject(projectId);
    group = await this.table.of(projectId);
    return isMapped() ? group : undefined;
  }

  /** A Neutron makes a project's group when it is asked for one. @throws SiteUnreachable */
  private async askFor(site: Site, caller: Caller, projectId: string): Promise<void> {
    const { inventory, kind } = this.parts;
    const query = new URLSearchParams({ project_id: projectId, name: 'default' }).toString();
    const askedAt = new Date();
    const response = await site.request({ service: 'network', method: 'GET', path: '/security-groups', query }, caller);
    const groups = (bodyOf(response) as Record<string, Body[]> | undefined)?.['security_groups'];
    if (response.status !== 200 || !Array.isArray(groups)) return;
    for (const body of groups.filter((one) => one['name'] === 'default')) {
      await inventory.remember(kind('security_group'), site, body, askedAt, new Date());
      for (const rule of (body['security_group_rules'] ?? []) as Body[]) {
        await inventory.remember(kind('security_group_rule'), site, rule, askedAt, new Date());
      }
    }
  }

  private async adoptNow(site: Site): Promise<void> {
    const projectIds = await this.table.unmapped(site.id);
    if (projectIds.length === 0) return;
    const isDecidable = await this.isReadEverywhere();
    for (const projectId of projectIds) {
      // Which one is shown must not depend on which site was read first.
      if ((await this.table.of(projectId)) || (isDecidable && (await this.hasHomes(projectId))))
        await this.adoptProject(projectId);
    }
  }

  /** False where the home's own has not been read yet. */
  private async hasHomes(projectId: string): Promise<boolean> {
    const homeId = await this.parts.placement.homeOf(projectId);
    return homeId === undefined || (await this.table.rowsOf(projectId)).some((row) => row.site_id === homeId);
  }

  private async isReadEverywhere(): Promise<boolean> {
    const { reader, sites, kind } = this.parts;
    const kinds = ['security_group', 'network', 'router'].map(kind);
    const states = await Promise.all(
      sites.answering('network').flatMap((site) => kinds.map((one) => reader.states.of(one, site))),
    );
    return states.every(({ cursor }) => cursor !== null);
  }

  /** Makes what the inventory has of a project one group. */
  private async adoptProject(projectId: string): Promise<void> {
    const { database, sites, placement, log } = this.parts;
    const homeId = (await this.table.of(projectId)) ? undefined : await placement.homeOf(projectId);
    const locked = (work: (tx: Queryable) => Promise<number[]>) =>
      database.locks.hold(`default group of ${projectId}`, () => database.transaction(work));
    const mapped = await locked(async (tx) => {
      const rows = await this.table.rowsOf(projectId, tx);
      if (rows.length === 0) return [];
      if (!(await this.table.of(projectId, tx))) await this.table.choose(tx, projectId, rows, homeId);
      const group = (await this.table.of(projectId, tx))!;
      const changes: number[] = [];
      // In the order of the sites, as whoever writes aliases of several does.
      for (const row of [...rows].sort((a, b) => a.site_id - b.site_id)) {
        const isOwn = row.id === group.id;
        if (isOwn && group.sites.some(({ siteId }) => siteId === row.site_id)) continue;
        if (!isOwn) {
          const known = await sites.aliases.find(row.site_id, group.id, tx);
          await respell(tx, { projectId, siteId: row.site_id, id: group.id, own: row.id });
          if (known === row.id) continue; // it was asked for before the alias was written
          await sites.aliases.add(row.site_id, group.id, row.id, tx);
        }
        await this.table.map(tx, projectId, row.site_id);
        changes.push(row.site_id);
      }
      return changes;
    });
    if (mapped.length === 0) return;
    log.debug(
      { event: 'default_group.mapped', project: projectId, sites: mapped },
      'a default security group is known',
    );
  }

  /**
   * Decides whether a site's group follows the shown one, and makes it do so.
   * @param isChanged true where the inventory need not be asked whether there is a difference
   * @throws SiteUnreachable
   */
  private async settle(group: DefaultGroup, site: Site, isChanged = false): Promise<void> {
    const from = group.siteId === null ? undefined : this.parts.sites.byId(group.siteId);
    const mapped = group.sites.find(({ siteId }) => siteId === site.id);
    if (!from || !mapped) return;
    if (!hasBegun(group)) await this.begin(group, from);
    if (from.id === site.id) return;
    const pair: Pair = { group, from, to: site };
    const follows = mapped.follows ?? (await this.decide(pair));
    if (!follows) return;
    const since = new Date();
    if (!isChanged && (await looksAlike(this.parts, pair)))
      return this.table.noteCompared(group.projectId, site.id, since);
    if (await converge(this.parts, pair)) {
      await this.table.noteCompared(group.projectId, site.id, since);
    }
  }

  /**
   * Gives the shown one what groups begin with in newer zones, where its own Neutron does not know that. As there, groups that
   * are older than what is set stay as they are. @throws SiteUnreachable
   */
  private async begin(group: DefaultGroup, site: Site): Promise<void> {
    const { globals } = this.parts;
    const wanted = canHold(firstRules, site) ? undefined : await rulesOfNewGroups({ globals }, 'used_in_default_sg');
    if (wanted && (await isUntouched(site, group.id, await globals.changedAt(firstRules.kind)))) {
      const rules = wanted.map((body) => ofGroup(body, group.id));
      await giveRules(this.parts, site, group, rules);
    }
    await this.table.setFollows(group.projectId, site.id, true);
  }

  /** Nobody's rules are changed unasked: one that differs and is in use, or was changed, stays as it is. @throws SiteUnreachable */
  private async decide(pair: Pair): Promise<boolean> {
    const { group, to } = pair;
    const follows = (await isAlike(this.parts, pair)) || (await isUntouched(to, group.id));
    await this.table.setFollows(group.projectId, to.id, follows);
    if (!follows) {
      const event = { event: 'default_group.apart', project: group.projectId, site: to.name };
      this.parts.log.warn(event, "a project's default security group has other rules in this zone than are shown");
    }
    return follows;
  }
}

/** Whether what its group begins with has been seen to: the site whose rules are shown follows nobody but that. */
const hasBegun = ({ siteId, sites }: DefaultGroup): boolean =>
  sites.some((one) => one.siteId === siteId && one.follows !== null);

/** As its Neutron made it, after a time, and used by no port. @throws SiteUnreachable */
async function isUntouched(site: Site, id: string, since = new Date(0)): Promise<boolean> {
  const { status, body } = await askAsAdmin(site, 'network', 'GET', `/security-groups/${id}`);
  const group = body['security_group'] as Body | undefined;
  if (status !== 200 || !group) return false;
  const [made, changed] = [group['created_at'], group['updated_at']].map((time) => Date.parse(String(time)));
  if (!(changed! - made! <= untouchedMs && made! + 1_000 > since.getTime())) return false;
  const query = new URLSearchParams({ security_groups: id, fields: 'id', limit: '1' }).toString();
  const { status: told, body: ports } = await askAsAdmin(site, 'network', 'GET', '/ports', { query });
  return told === 200 && Array.isArray(ports['ports']) && ports['ports'].length === 0;
}
