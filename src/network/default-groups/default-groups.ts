/**
 * A project's security group `default` is one to tenants. Each site's Neutron makes one of its own, which is adopted as the copy
 * of the shown one; the id that tenants know is an alias for it at that site's gateway. See docs/decisions/0027.
 */
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import type { Logger } from 'pino';
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Database, Queryable } from '../../database/database.js';
import { canHold } from '../../globals/global-kind.js';
import type { SitesOfHomed } from '../../homed/homed-resources.js';
import type { Placement } from '../../placement/placement.js';
import type { GlobalResources } from '../../resources/global.js';
import type { Inventory } from '../../resources/inventory.js';
import type { Body, Kind } from '../../resources/kind.js';
import type { DefaultGroups } from '../../routing/default-groups.js';
import type { Homed } from '../../routing/homed.js';
import type { SiteRegistry } from '../../sites/registry.js';
import { ignoreSilence, SiteUnreachable, type Site } from '../../sites/site.js';
import type { FeedReader } from '../../sync/feed-reader.js';
import { readAhead } from '../../sync/first-reads.js';
import { firstRules } from '../new-groups/first-rules.js';
import { ofGroup, rulesOfNewGroups } from '../new-groups/older-zones.js';
import type { SecurityGroupKind } from '../security-groups/group-kind.js';
import { rowsOf, unmapped } from './group-rows.js';

export interface DefaultGroupParts {
  readonly database: Database;
  readonly inventory: Inventory;
  readonly sites: SiteRegistry;
  readonly placement: Placement;
  readonly reader: FeedReader;
  readonly globals: GlobalResources;
  readonly homed: SitesOfHomed;
  readonly groups: SecurityGroupKind;
  readonly kind: (name: string) => Kind;
  readonly log: Logger;
}

const groupKind = 'security_group';

export class NeutronDefaultGroups implements DefaultGroups {
  /** Pairs of a project and a site that need no thought for a while. */
  private readonly settled = new LRUCache<string, true>({ max: 50_000, ttl: 60_000 });
  private readonly adopting = new Map<number, ReturnType<typeof pLimit>>();

  constructor(private readonly parts: DefaultGroupParts) {}

  countApart(siteId: number): Promise<number> {
    return this.parts.homed.table.countApart(siteId);
  }

  async shown(caller: Caller, projectId: string | undefined): Promise<void> {
    if (!projectId || (await this.of(projectId))) return;
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
      await this.begin(group);
      // Before the request that leads there, whatever is due.
      await this.parts.homed.bringDue(group, new Set([site.id]));
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
    const undecided = await this.parts.homed.table.undecided(site.id);
    for (const group of undecided) {
      if (group.homeId === site.id) await this.begin(group);
      else await this.parts.homed.converge(groupKind, group.id, new Set([site.id]));
    }
  }

  removed({ projectId }: Homed): void {
    for (const site of this.parts.sites.all()) this.settled.delete(`${projectId}/${site.id}`);
  }

  /**
   * Gives the shown one what groups begin with in newer zones, where its own Neutron does not know that. As there, groups that
   * are older than what is set stay as they are. @throws SiteUnreachable
   */
  private async begin(group: Homed): Promise<void> {
    const { sites, globals, groups, homed } = this.parts;
    const home = group.homeId === null ? undefined : sites.byId(group.homeId);
    if (!home || hasBegun(group)) return;
    const wanted = canHold(firstRules, home) ? undefined : await rulesOfNewGroups({ globals }, 'used_in_default_sg');
    if (wanted) {
      const rules = wanted.map((body) => ofGroup(body, group.id));
      await groups.beginWith(group, home, rules, await globals.changedAt(firstRules.kind));
    }
    await homed.table.setFollows({ kind: groupKind, id: group.id, siteId: home.id }, true);
  }

  private of(projectId: string, on?: Queryable): Promise<Homed | undefined> {
    return this.parts.homed.table.defaultOf(projectId, on);
  }

  private async madeAt(site: Site, caller: Caller, projectId: string): Promise<Homed | undefined> {
    const { database, reader, sites, placement, kind } = this.parts;
    let group = await this.of(projectId);
    const isMapped = () => group?.sites.some(({ siteId }) => siteId === site.id);
    if (isMapped()) return group;
    if (!group) {
      await readAhead(reader, sites, [kind(groupKind), kind('security_group_rule')], projectId);
      // Whose rules are shown is decided once: the home's, if it can be asked.
      const home = sites.byId((await placement.homeOf(projectId)) ?? site.id);
      const isHomes = (await rowsOf(database, projectId)).some((row) => row.site_id === home?.id);
      if (home && !isHomes && home.id !== site.id) await this.askFor(home, caller, projectId).catch(ignoreSilence);
    }
    const isKnown = (await rowsOf(database, projectId)).some((row) => row.site_id === site.id);
    if (!isKnown) await this.askFor(site, caller, projectId);
    await this.adoptProject(projectId);
    group = await this.of(projectId);
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
      await inventory.remember(kind(groupKind), site, body, askedAt, new Date());
      for (const rule of (body['security_group_rules'] ?? []) as Body[]) {
        await inventory.remember(kind('security_group_rule'), site, rule, askedAt, new Date());
      }
    }
  }

  private async adoptNow(site: Site): Promise<void> {
    const projectIds = await unmapped(this.parts.database, site.id);
    if (projectIds.length === 0) return;
    const isDecidable = await this.isReadEverywhere();
    for (const projectId of projectIds) {
      // Which one is shown must not depend on which site was read first.
      if ((await this.of(projectId)) || (isDecidable && (await this.hasHomes(projectId))))
        await this.adoptProject(projectId);
    }
  }

  /** False where the home's own has not been read yet. */
  private async hasHomes(projectId: string): Promise<boolean> {
    const { database, placement } = this.parts;
    const homeId = await placement.homeOf(projectId);
    return homeId === undefined || (await rowsOf(database, projectId)).some((row) => row.site_id === homeId);
  }

  private async isReadEverywhere(): Promise<boolean> {
    const { reader, sites, kind } = this.parts;
    const kinds = [groupKind, 'network', 'router'].map(kind);
    const states = await Promise.all(
      sites.answering('network').flatMap((site) => kinds.map((one) => reader.states.of(one, site))),
    );
    return states.every(({ cursor }) => cursor !== null);
  }

  /** Makes what the inventory has of a project one group. */
  private async adoptProject(projectId: string): Promise<void> {
    const { database, sites, placement, homed, log } = this.parts;
    const homeId = (await this.of(projectId)) ? undefined : await placement.homeOf(projectId);
    const locked = (work: (tx: Queryable) => Promise<number[]>) =>
      database.locks.hold(`default group of ${projectId}`, () => database.repeatableTransaction(work));
    const mapped = await locked(async (tx) => {
      const rows = await rowsOf(tx, projectId);
      const [oldest] = rows;
      if (!oldest) return [];
      // The home's rules are shown where it has one, else the first one's.
      const shown = rows.find((row) => row.site_id === homeId) ?? oldest;
      const named = { kind: groupKind, id: oldest.id, projectId, homeId: shown.site_id };
      if (!(await this.of(projectId, tx))) await homed.table.add(named, true, tx);
      const group = (await this.of(projectId, tx))!;
      const isMapped = (siteId: number) => group.sites.some((one) => one.siteId === siteId);
      const changes: number[] = [];
      // In the order of the sites, as whoever writes aliases of several does.
      for (const { id: own, site_id: siteId } of [...rows].sort((a, b) => a.site_id - b.site_id)) {
        if (own === group.id) {
          if (isMapped(siteId)) continue;
          await homed.table.noteThere({ kind: groupKind, id: group.id, siteId }, tx);
        } else if ((await sites.aliases.find(siteId, group.id, tx)) === own && isMapped(siteId)) {
          await homed.respell(group, siteId, own, tx); // it was asked for before the alias was written
          continue;
        } else {
          await homed.claim(group, siteId, own, tx);
        }
        changes.push(siteId);
      }
      return changes;
    });
    if (mapped.length === 0) return;
    log.debug(
      { event: 'default_group.mapped', project: projectId, sites: mapped },
      'a default security group is known',
    );
  }
}

/** Whether what its group begins with has been seen to: the site whose rules are shown follows nobody but that. */
const hasBegun = ({ homeId, sites }: Homed): boolean =>
  sites.some((one) => one.siteId === homeId && one.follows !== null);
