/** Images that are everywhere: one record, and its bytes at every site that needs them. See docs/decisions/0019. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Principal } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Database } from '../database/database.js';
import type { Jobs } from '../jobs/jobs.js';
import { bodyOfRow, type Inventory } from '../resources/inventory.js';
import type { Kind } from '../resources/kind.js';
import { linkBodyBack } from '../resources/linking.js';
import type { SiteRegistry } from '../sites/registry.js';
import { ignoreSilence, SiteUnreachable, type Site } from '../sites/site.js';
import { copyEagerly } from './eager.js';
import { copyJob, copyKind, type CopyInput, type CopyContext } from './copy-image.js';
import { CopyTable, type CopyKey } from './copy-table.js';
import { followJob, followKind } from './follow.js';
import { imagePath, readImage } from './image.js';
import { Policies, type Usual } from './policy.js';
import { type PullContext, Tickets } from './pull-endpoint.js';
import { requireCopy } from './require-copy.js';
import { sitesWith, identicalImage } from './sources.js';
import { Pace } from './transfer.js';
import { locationOf, publicLocation } from './target-record.js';

export interface CopyOptions extends Usual {
  /** Copies made to one site at once. */
  readonly perSite: number;
  /** To one site, by one process; 0 is no limit. */
  readonly bytesPerSecond: number;
  /** The cascade as sites reach it, for images that they fetch; undefined where they do not. */
  readonly pullUrl?: string | undefined;
}

export interface CopyParts {
  readonly database: Database;
  readonly sites: SiteRegistry;
  readonly inventory: Inventory;
  readonly jobs: Jobs;
  readonly log: Logger;
  /** Glance's images, as the inventory keeps them. */
  readonly kind: Kind;
}

/** Something of a kind that is copied to sites. */
export interface Copied {
  readonly kind: string;
  readonly id: string;
}

/** What a request names will be at the site, but is not yet. */
export class CopyUnderWay extends Fault {
  /** @param word what messages call it: `Image` */
  constructor(
    word: string,
    readonly copied: Copied,
    site: Site,
  ) {
    const words = `${word} ${copied.id} is being copied to availability zone ${site.name}. Try again when it is there.`;
    super('conflict', words, { headers: { 'retry-after': '10' } });
    this.name = 'CopyUnderWay';
  }
}

/** What makes copies of the homed things of one kind. */
export interface Copies {
  /** Whether one may be copied to a site. */
  mayBring(id: string, siteId: number): Promise<boolean>;
  /**
   * Copies one to a site, and waits for it.
   * @param principal who needs it there, and must be allowed to see it
   * @returns false where it will not be there
   * @throws CopyUnderWay after `timeoutMs`; SiteUnreachable
   */
  bring(id: string, site: Site, principal: Principal, timeoutMs: number): Promise<boolean>;
  /**
   * One without which a job cannot go on is at a site; its copy is begun where it is not.
   * @throws RetryLater until it is there, NonRetryable where it will not be
   */
  require(id: string, siteId: number): Promise<void>;
  /** Called, one after the other, when a copy has come to a site. */
  readonly onArrival: ((site: Site) => Promise<void>)[];
}

const keyOf = ({ imageId, siteId }: CopyKey): string => `${imageId}/${siteId}`;
const lookMs = 500;

export class ImageCopies implements Copies {
  readonly table: CopyTable;
  readonly policies: Policies;
  readonly onArrival: ((site: Site) => Promise<void>)[] = [];
  /** Called when an image of a site has become a copy: what names it at that site names the other id from then on. */
  onMerged: (site: Site) => Promise<void> = async () => undefined;
  /** What the endpoint from which sites fetch copies by themselves needs. */
  readonly pulls: PullContext;

  constructor(
    readonly parts: CopyParts,
    options: CopyOptions,
  ) {
    const { database, sites, inventory, jobs, log } = parts;
    this.table = new CopyTable(database);
    this.policies = new Policies(database, options);
    const pace = new Pace(options.bytesPerSecond);
    const tickets = new Tickets(database);
    this.pulls = { sites, inventory, table: this.table, tickets, pace, log };
    const arrived: CopyContext['arrived'] = (key) => this.arrived(key);
    const { policies, pulls } = this;
    const { table } = pulls;
    const follow: CopyContext['follow'] = (key) => this.follow(key);
    const merged: CopyContext['merged'] = (site) => this.onMerged(site);
    const { pullUrl } = options;
    const context = { ...pulls, database, policies, pullUrl, follow, arrived, merged };
    jobs.register(copyKind(context, options.perSite));
    const isComing = (key: CopyKey) => jobs.table.isUnderWay(copyJob, keyOf(key));
    jobs.register(followKind({ sites, inventory, table, log, isComing }));
  }

  /**
   * Has an image copied to a site, once, however many want it.
   * @param isOrdered by an operator: its bytes are copied, whatever policy says
   */
  async begin(key: CopyKey, homeId: number, isOrdered = false): Promise<void> {
    const input: CopyInput = { ...key, isOrdered };
    await this.parts.database.transaction(async (tx) => {
      await this.table.want(key, homeId, tx);
      await this.parts.jobs.table.add({ kind: copyJob, key: keyOf(key), lane: String(key.siteId), input }, tx);
    });
    this.parts.jobs.soon();
  }

  /**
   * An image that a request needs at a site, where policy lets it be copied there.
   * @param principal who needs it, and must be allowed to see it
   * @param timeoutMs for which the request is held while it is copied
   * @returns false where it will not be there
   * @throws CopyUnderWay, SiteUnreachable
   */
  async bring(imageId: string, site: Site, principal: Principal, timeoutMs: number): Promise<boolean> {
    const { inventory, sites } = this.parts;
    const row = await inventory.find('image', imageId);
    if (!row || !(await this.mayBring(imageId, site.id))) return false;
    const home = sites.require(row.site_id);
    if (!(await isVisible(imageId, [home, ...(await this.sitesWith(imageId))], principal))) return false;
    const key = { imageId, siteId: site.id };
    await this.begin(key, home.id);
    const until = performance.now() + timeoutMs;
    while (performance.now() < until) {
      const copy = await this.table.find(key);
      if (copy?.state === 'active') return true;
      if (copy?.state === 'failed' || !copy) return false;
      await delay(lookMs);
    }
    throw new CopyUnderWay('Image', { kind: 'image', id: imageId }, site);
  }

  require(imageId: string, siteId: number): Promise<void> {
    const { table } = this;
    const { inventory } = this.parts;
    return requireCopy({ table, inventory, begin: (key, homeId) => this.begin(key, homeId) }, { imageId, siteId });
  }

  /** Answering sites with a whole copy. */
  sitesWith(imageId: string): Promise<Site[]> {
    return sitesWith({ sites: this.parts.sites, table: this.table }, imageId);
  }

  /** Whether policy lets an image come to a site at all. */
  async mayBring(imageId: string, siteId: number): Promise<boolean> {
    if ((await this.policies.of(imageId, siteId)) !== 'register') return true;
    const row = await this.parts.inventory.find('image', imageId);
    if (row === undefined) return false;
    if (publicLocation(bodyOfRow(row)) !== undefined) return true;
    if ((await identicalImage(this.parts.database, imageId, siteId)) !== undefined) return true;
    const home = this.parts.sites.byId(row.site_id);
    const location = home && (await locationOf(home, bodyOfRow(row)).catch(ignoreSilence));
    return location !== undefined;
  }

  /** Something about an image was written: its copies follow, and those that policy wants at once are begun. */
  async changed(imageId: string): Promise<void> {
    for (const { site_id: siteId } of await this.table.of(imageId)) await this.follow({ imageId, siteId });
    await copyEagerly(this.parts.database, this, { imageId });
  }

  async follow({ imageId, siteId }: CopyKey): Promise<void> {
    const key = { imageId, siteId };
    await this.parts.jobs.add({ kind: followJob, key: keyOf(key), lane: String(siteId), input: key });
  }

  /** The image is deleted at its home. Copies on their way break off, and then all of them end. */
  async deleted(imageId: string): Promise<void> {
    await this.table.markDeleting(imageId, true);
    await this.policies.forget(imageId);
    for (const { site_id: siteId } of await this.table.of(imageId)) {
      await this.parts.jobs.table.again(copyJob, keyOf({ imageId, siteId }));
      await this.follow({ imageId, siteId });
    }
  }

  /** The inventory knows the copy before anybody is told that it is there. */
  private async arrived(key: CopyKey): Promise<void> {
    const { sites, inventory, kind } = this.parts;
    const site = sites.require(key.siteId);
    const askedAt = new Date();
    const image = await readImage(site, key.imageId);
    if (image) await inventory.store(kind, site, [linkBodyBack({ ...image }, site)], askedAt);
    await this.follow(key);
    for (const tell of this.onArrival) await tell(site);
  }
}

/** By the word of the first site that answers. @throws SiteUnreachable where none does */
async function isVisible(imageId: string, [site, ...others]: readonly Site[], principal: Principal): Promise<boolean> {
  if (!site) return false;
  try {
    return (
      (await site.request({ service: 'image', method: 'GET', path: imagePath(imageId) }, principal)).status === 200
    );
  } catch (error) {
    if (!(error instanceof SiteUnreachable) || others.length === 0) throw error;
    return isVisible(imageId, others, principal);
  }
}
