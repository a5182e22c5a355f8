/**
 * Keeps what is homed: copies are made where they are first needed, found again by their mark, brought to what their home has,
 * and removed with it. See docs/decisions/0031.
 */
import type { Logger } from 'pino';
import pLimit from 'p-limit';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { bodyOf, isOk, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Database, Queryable } from '../database/database.js';
import { SiteRefused } from '../globals/global-kind.js';
import { bodyOfRow, type Inventory } from '../resources/inventory.js';
import type { Body, Kind } from '../resources/kind.js';
import { faultWords } from '../routing/ask-as-admin.js';
import type { Homed, HomedDrift, HomedResources } from '../routing/homed.js';
import type { SiteRegistry } from '../sites/registry.js';
import { ignoreSilence, SiteUnreachable, type Site } from '../sites/site.js';
import type { HomedKind, WantedOfHomed } from './homed-kind.js';
import { HomedTable } from './homed-table.js';
import { respell } from './respell.js';

export interface HomedParts {
  readonly database: Database;
  readonly sites: SiteRegistry;
  readonly inventory: Inventory;
  readonly kind: (name: string) => Kind;
  readonly log: Logger;
}

/** Things brought to their sites at once by one process; each has requests of its own under way at every site. */
const atOnce = 8;
const errorsShown = 20;

type Named = readonly [kind: string, id: string];

export class SitesOfHomed implements HomedResources {
  readonly table: HomedTable;
  private readonly kinds = new Map<string, HomedKind>();

  constructor(private readonly parts: HomedParts) {
    this.table = new HomedTable(parts.database);
  }

  register(kind: HomedKind): void {
    this.kinds.set(kind.kind, kind);
  }

  among(kind: string, ids: readonly string[]): Promise<Homed[]> {
    return this.table.among(kind, ids);
  }

  async homeOf(kind: string, id: string): Promise<Site | undefined> {
    const thing = await this.table.find(kind, id);
    const siteId = thing ? thing.homeId : (await this.parts.inventory.find(kind, id))?.site_id;
    return siteId == null ? undefined : this.parts.sites.byId(siteId);
  }

  async ensure(kindName: string, id: string, site: Site, caller?: Caller): Promise<void> {
    const thing = await this.known(kindName, id);
    const kind = this.kindNamed(kindName);
    if (!thing || thing.isDefault || thing.homeId === null) return;
    // What a silent site still has of it must get no new users.
    if (thing.deletingAt) throw kind.absent(id);
    if (thing.homeId === site.id || isThere(thing, site)) return;
    const mayUse = !caller || caller.isAdmin || caller.projectId === thing.projectId;
    if (!mayUse && !(caller.projectId && (await kind.isSharedWith(id, caller.projectId)))) return;
    await this.makeAt(kind, thing, site);
    await this.converge(kindName, id, new Set([site.id]));
  }

  async changed(kind: string, id: string): Promise<void> {
    if (!(await this.table.find(kind, id))) return;
    await this.table.followAll(kind, id);
    await this.table.want(kind, [id]);
    await this.converge(kind, id);
  }

  async narrowing<T>(kind: string, id: string, without: readonly string[], work: () => Promise<T>): Promise<T> {
    const concerned = await this.table.concernedBy(kind, id);
    if (concerned.length === 0) return work();
    // Should this process be killed in between, what was taken too early comes back.
    await this.table.followAll(kind, id);
    await this.table.want(kind, [id]);
    return this.holdAll(concerned, async () => {
      for (const [of, one] of concerned) await this.convergeHeld(of, one, { without: new Set(without) });
      try {
        return await work();
      } finally {
        for (const [of, one] of concerned) await this.convergeHeld(of, one);
      }
    });
  }

  async removing(kindName: string, id: string, atHome: () => Promise<OpenStackResponse>): Promise<OpenStackResponse> {
    if (!(await this.table.find(kindName, id))) return atHome();
    await this.table.markDeleting(kindName, id, true);
    return this.locked(kindName, id, async () => {
      const thing = await this.table.find(kindName, id);
      if (!thing) return atHome();
      try {
        const refusal = await this.removeCopies(this.kindNamed(kindName), thing);
        const response = refusal ?? (await atHome());
        if (isOk(response) || response.status === 404) await this.finishRemoval(thing);
        else await this.restore(thing);
        return response;
      } catch (error) {
        // A lost response may have been a deletion: whoever is next asks its home.
        if (error instanceof SiteUnreachable && error.notTaken) await this.restore(thing);
        throw error;
      }
    });
  }

  async runDue(minded: (site: Site) => boolean): Promise<void> {
    await this.table.takeChanges();
    const services = new Set([...this.kinds.values()].map(({ service }) => service));
    const answering = [...services].flatMap((service) => this.parts.sites.answering(service).map(({ id }) => id));
    const due = await this.table.due(answering, 500);
    const turn = pLimit(atOnce);
    const mine = due.filter(({ homeId }) => {
      const home = homeId === null ? this.parts.sites.all()[0] : this.parts.sites.byId(homeId);
      return home !== undefined && minded(home);
    });
    const ended = await Promise.allSettled(mine.map((thing) => turn(() => this.bringDue(thing))));
    // What fails keeps nothing else waiting, and is the task's failure.
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
  }

  async reconcile(site: Site): Promise<void> {
    await this.table.retryNow(site.id);
    for (const kind of this.kinds.values()) {
      if (!site.capabilities.endpoints[kind.service]) continue;
      await this.adopt(kind, site);
      if (kind.isUnfed) await this.table.want(kind.kind, await this.table.idsWithHome(kind.kind, site.id));
    }
  }

  async drift(siteId: number): Promise<HomedDrift> {
    const [count, errors] = await Promise.all([this.table.countDue(siteId), this.table.errorsAt(siteId, errorsShown)]);
    const warnings = [...this.kinds.values()].map(async (kind) => {
      const site = this.answering(kind, siteId);
      return (await (site && kind.warnings?.(site))?.catch(ignoreSilence)) ?? [];
    });
    return { count, errors, warnings: (await Promise.all(warnings)).flat() };
  }

  /** Brings one to its sites, or to some of them; those that do not answer come later. */
  converge(kind: string, id: string, siteIds?: ReadonlySet<number>): Promise<void> {
    return this.locked(kind, id, () => this.convergeHeld(kind, id, siteIds ? { siteIds } : {}));
  }

  /** The site's own id becomes an alias of the cascade's. */
  async claim(thing: Homed, siteId: number, own: string, tx?: Queryable): Promise<void> {
    const { database, sites } = this.parts;
    if (!tx) return database.repeatableTransaction((one) => this.claim(thing, siteId, own, one));
    await this.respell(thing, siteId, own, tx);
    await sites.aliases.add(siteId, thing.id, own, tx);
    await this.table.noteThere({ kind: thing.kind, id: thing.id, siteId }, tx);
  }

  /** What was read of a site before that alias was in force. */
  respell({ kind, id, projectId }: Homed, siteId: number, own: string, tx: Queryable): Promise<void> {
    return respell(tx, { kind, namedBy: this.kindNamed(kind).namedBy, projectId, siteId, id, own });
  }

  /** Brings one to those of its sites where something is due. */
  async bringDue(thing: Homed, siteIds?: ReadonlySet<number>): Promise<void> {
    const { kind, id, wanted } = thing;
    const due = thing.sites.filter(({ siteId, done }) => done < wanted && (siteIds?.has(siteId) ?? true));
    if (due.length === 0 && !thing.deletingAt) return;
    if (await this.table.isAtRest(thing)) {
      for (const { siteId } of due) await this.table.noteDone({ kind, id, siteId }, wanted);
      return;
    }
    await this.converge(kind, id, new Set(due.map(({ siteId }) => siteId)));
  }

  /** From the table, or as it is known of its home. */
  private async known(kind: string, id: string): Promise<Homed | undefined> {
    const thing = await this.table.find(kind, id);
    if (thing) return thing;
    const row = await this.parts.inventory.find(kind, id);
    if (!row || this.kindNamed(kind).isMadeBySites?.(bodyOfRow(row))) return undefined;
    return notYet(kind, id, row.project_id ?? '', row.site_id);
  }

  /** One at a time over all processes; adopted where it is there. @throws SiteRefused, SiteUnreachable */
  private makeAt(kind: HomedKind, { id }: Homed, site: Site): Promise<void> {
    const { database, inventory, log } = this.parts;
    return database.locks.hold(placeOf(kind.kind, id, site), async () => {
      const thing = await this.known(kind.kind, id);
      if (!thing || thing.homeId === null || isThere(thing, site)) return;
      if (thing.deletingAt) throw kind.absent(id);
      const { projectId, homeId } = thing;
      const named = { kind: kind.kind, id, projectId, homeId };
      await database.repeatableTransaction((tx) => this.table.add(named, false, tx));
      await this.table.begin({ kind: kind.kind, id, siteId: site.id });
      let [own] = await kind.find(site, thing);
      if (own === undefined) {
        const askedAt = new Date();
        const body = await kind.make(site, thing);
        own = String(body['id']);
        // What is read of it now, with its own id, is not shown; see `respell`.
        await inventory.remember(this.parts.kind(kind.kind), site, body, askedAt, new Date());
      }
      await this.claim(thing, site.id, own);
      // Groups that name it can name it there as well.
      await this.table.want(kind.kind, [id]);
      log.info({ event: 'homed.copied', kind: kind.kind, id, site: site.name }, 'a copy was made');
    });
  }

  private async convergeHeld(
    kindName: string,
    id: string,
    { siteIds, without = new Set() }: { siteIds?: ReadonlySet<number>; without?: ReadonlySet<string> } = {},
  ): Promise<void> {
    const thing = await this.table.find(kindName, id);
    if (!thing) return;
    const kind = this.kindNamed(kindName);
    if (thing.deletingAt) return this.finishRemoval(thing);
    let wanted: WantedOfHomed | undefined;
    try {
      wanted = await kind.read(thing, without);
    } catch (error) {
      // Its home is silent, or was taken out: its sites stay as they are.
      if (!(error instanceof SiteUnreachable)) throw error;
      for (const { siteId } of thing.sites)
        await this.table.noteFailed({ kind: kindName, id, siteId }, error.reason, thing.homeId !== null);
      return;
    }
    if (!wanted) {
      if (thing.isDefault) return; // its site makes another one
      await this.table.markDeleting(kindName, id, true);
      return this.finishRemoval({ ...thing, deletingAt: new Date() });
    }
    const sites = thing.sites.flatMap(({ siteId, isThere }) => {
      const site = this.answering(kind, siteId);
      return isThere && site && (siteIds?.has(siteId) ?? true) ? [site] : [];
    });
    await Promise.all(sites.map((site) => this.bringTo(thing, site, wanted, without.size > 0)));
  }

  private async bringTo(thing: Homed, site: Site, wanted: WantedOfHomed, isHalfway: boolean): Promise<void> {
    const key = { kind: thing.kind, id: thing.id, siteId: site.id };
    try {
      if (await wanted.bring(site)) {
        if (!isHalfway) await this.table.noteDone(key, thing.wanted);
      } else if (!thing.isDefault && site.id !== thing.homeId) {
        await this.table.forgetSite(key);
        await this.parts.inventory.forget(thing.kind, site, [thing.id], new Date());
        const event = { event: 'homed.copy_gone', kind: thing.kind, id: thing.id, site: site.name };
        this.parts.log.warn(event, 'a copy was deleted at its site; it is made again when it is needed');
      }
    } catch (error) {
      await this.failed(thing, site, error);
    }
  }

  private async failed({ kind, id }: Homed, site: Site, error: unknown): Promise<void> {
    if (!(error instanceof SiteRefused || error instanceof SiteUnreachable)) throw error;
    const reason = error instanceof SiteUnreachable ? error.reason : error.message;
    await this.table.noteFailed({ kind, id, siteId: site.id }, reason, error instanceof SiteUnreachable);
    const event = { event: 'homed.not_converged', kind, id, site: site.name, reason };
    this.parts.log.warn(event, 'a site differs from what something homed is at its home');
  }

  /** @returns a refusal, as the tenant is to read it */
  private async removeCopies(kind: HomedKind, thing: Homed): Promise<OpenStackResponse | undefined> {
    const copies = thing.sites.filter(({ siteId }) => siteId !== thing.homeId);
    for (const { siteId } of copies) {
      const site = this.answering(kind, siteId);
      if (!site) {
        const name = this.parts.sites.byId(siteId)?.name ?? `#${siteId}`;
        if (thing.isDefault || (await kind.isUsedAt(siteId, thing.id))) {
          throw new SiteUnreachable(name, true, 'it may be in use there');
        }
        continue;
      }
      const refusal = await this.removeAt(kind, thing, site);
      if (refusal) return refusal;
    }
    return undefined;
  }

  /** @returns the site's refusal */
  private async removeAt(kind: HomedKind, thing: Homed, site: Site): Promise<OpenStackResponse | undefined> {
    const at = thing.sites.find(({ siteId }) => siteId === site.id);
    const key = { kind: thing.kind, id: thing.id, siteId: site.id };
    // Its response was lost: what it made is found by its mark.
    const ids = at?.isThere ? [thing.id] : await kind.find(site, thing);
    const askedAt = new Date();
    for (const id of ids) {
      const response = await kind.remove(site, id);
      if (!isOk(response) && response.status !== 404) return response;
    }
    await this.parts.inventory.forget(thing.kind, site, [thing.id], askedAt);
    await this.table.forgetSite(key);
    return undefined;
  }

  /** Deleted at its home: a site's copy is gone when that site has said so. */
  private async finishRemoval({ kind: kindName, id }: Homed): Promise<void> {
    const kind = this.kindNamed(kindName);
    const thing = await this.table.find(kindName, id);
    if (!thing) return;
    const home = thing.homeId === null ? undefined : this.parts.sites.byId(thing.homeId);
    if (home) {
      if (!this.answering(kind, home.id)) return;
      try {
        // Its deletion was cut off before it got there.
        if (await kind.readOriginal(home, id)) return await this.restore(thing);
      } catch (error) {
        return this.failed(thing, home, error);
      }
    }
    for (const { siteId } of thing.sites.filter((one) => one.siteId !== thing.homeId)) {
      const site = this.answering(kind, siteId);
      if (!site) continue;
      try {
        const refusal = await this.removeAt(kind, thing, site);
        if (refusal) await this.failed(thing, site, new SiteRefused(site, refusal.status, wordsOf(refusal)));
      } catch (error) {
        await this.failed(thing, site, error);
      }
    }
    const left = await this.table.find(kindName, id);
    if (left?.sites.every(({ siteId }) => siteId === left.homeId)) await this.table.remove(kindName, id);
  }

  private async restore({ kind, id }: Homed): Promise<void> {
    await this.table.markDeleting(kind, id, false);
    await this.convergeHeld(kind, id);
  }

  /** What bears the mark at a site and is no alias yet: of a lost response, or of a lost database. @throws SiteUnreachable */
  private async adopt(kind: HomedKind, site: Site): Promise<void> {
    for (const { id: own, of } of await kind.marked(site)) {
      if (own === of) continue;
      await this.parts.database.locks.hold(placeOf(kind.kind, of, site), () => this.adoptOne(kind, site, own, of));
    }
  }

  private async adoptOne(kind: HomedKind, site: Site, own: string, of: string): Promise<void> {
    const { database, log } = this.parts;
    const known = (await this.table.find(kind.kind, of)) ?? (await this.lost(kind, of));
    if (known === 'unknown') return;
    const isSecond = known && (isThere(known, site) || known.homeId === site.id);
    if (!known || isSecond) {
      const event = { event: 'homed.orphan', kind: kind.kind, id: of, site: site.name };
      log.warn(event, 'a copy of what is not there, or a second one, is removed');
      const response = await kind.remove(site, own);
      if (!isOk(response) && response.status !== 404)
        log.warn({ ...event, event: 'homed.orphan_kept', reason: wordsOf(response) }, 'its site refuses to remove it');
      return;
    }
    if (known.homeId === null) return;
    const { projectId, homeId } = known;
    const named = { kind: kind.kind, id: of, projectId, homeId };
    await database.repeatableTransaction((tx) => this.table.add(named, false, tx));
    await this.claim(known, site.id, own);
    await this.table.want(kind.kind, [of]);
    log.info({ event: 'homed.adopted', kind: kind.kind, id: of, site: site.name }, 'a copy was found again');
  }

  /** @returns undefined where every site says that it is not there; `unknown` where one does not say */
  private async lost(kind: HomedKind, id: string): Promise<Homed | 'unknown' | undefined> {
    const sites = this.parts.sites.all().filter((site) => site.capabilities.endpoints[kind.service]);
    let isSure = true;
    for (const site of sites) {
      try {
        const body = this.answering(kind, site.id) && (await kind.readOriginal(site, id));
        if (body) return notYet(kind.kind, id, ownerOf(body), site.id);
        isSure &&= this.answering(kind, site.id) !== undefined;
      } catch (error) {
        if (!(error instanceof SiteUnreachable)) throw error;
        isSure = false;
      }
    }
    return isSure ? undefined : 'unknown';
  }

  private answering({ service }: HomedKind, siteId: number): Site | undefined {
    const site = this.parts.sites.byId(siteId);
    return site && site.state !== 'maintenance' && site.health(service).reachable ? site : undefined;
  }

  private kindNamed(name: string): HomedKind {
    const kind = this.kinds.get(name);
    if (!kind) throw new Error(`${name} is not homed`);
    return kind;
  }

  /** Runs `work` while nobody else brings one to its sites. */
  locked<T>(kind: string, id: string, work: () => Promise<T>): Promise<T> {
    return this.parts.database.locks.hold(`homed ${kind} ${id}`, work);
  }

  /** In one order, so that two that need several do not wait for each other. */
  private holdAll<T>(named: readonly Named[], work: () => Promise<T>): Promise<T> {
    return [...named]
      .sort(([, a], [, b]) => (a < b ? -1 : 1))
      .reduceRight<() => Promise<T>>(
        (inner, [kind, id]) =>
          () =>
            this.locked(kind, id, inner),
        work,
      )();
  }
}

const placeOf = (kind: string, id: string, site: Site): string => `homed ${kind} ${id} at ${site.id}`;

const isThere = ({ sites }: Homed, site: Site): boolean => sites.some((one) => one.siteId === site.id && one.isThere);

const wordsOf = (response: OpenStackResponse): string => faultWords((bodyOf(response) ?? {}) as Body);

const ownerOf = (body: Body): string => String(body['project_id'] ?? body['tenant_id'] ?? '');

const notYet = (kind: string, id: string, projectId: string, homeId: number): Homed => ({
  kind,
  id,
  projectId,
  homeId,
  isDefault: false,
  deletingAt: null,
  wanted: 1,
  sites: [],
});
