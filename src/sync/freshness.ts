/**
 * Read your own writes: a list comes from the inventory, which is seconds behind the sites. Where the cascade itself has
 * just changed something, the list first catches up with that site; where nothing is under way it asks nobody.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceName } from '../openstack/service.js';
import type { Kind } from '../resources/kind.js';
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';
import type { FeedReader } from './feed-reader.js';

/** For how long a write may go on having effects that no feed has told yet (a build, a resize, an attach). */
const unsettledMs = 60_000;
/** How long a list waits for a site that is slow to answer before it shows what was seen last. */
const patienceMs = 10_000;

/** In which services a write to one has effects: Nova makes ports, attaches volumes and uploads snapshots. */
const effects: Record<ServiceName, readonly ServiceName[]> = {
  compute: ['compute', 'network', 'volume', 'image'],
  volume: ['volume', 'image', 'compute'],
  network: ['network', 'compute'],
  image: ['image'],
  identity: [],
  placement: [],
};

export class Freshness {
  private readonly touchedAt = new Map<string, number>();
  private readonly running = new Map<string, { current: Promise<void>; next?: Promise<void> }>();

  constructor(
    private readonly sites: SiteRegistry,
    private readonly reader: FeedReader,
  ) {}

  /** A write went to a service of a site, for these projects. */
  touch(site: Site, service: ServiceName, projectIds: readonly (string | null | undefined)[]): void {
    const now = Date.now();
    for (const affected of effects[service]) {
      this.touchedAt.set(`${site.id}/${affected}`, now);
      for (const projectId of projectIds) if (projectId) this.touchedAt.set(`${site.id}/${affected}/${projectId}`, now);
    }
    if (this.touchedAt.size > 10_000) this.dropSettled(now);
  }

  /** Returns when the inventory holds what the sites said after this call, for one project or for all. */
  async catchUp(kind: Kind, projectId?: string): Promise<void> {
    const below = projectId ? `/${projectId}` : '';
    const unsettled = this.sites
      .answering(kind.service)
      .filter((site) => this.isUnsettled(`${site.id}/${kind.service}${below}`));
    if (unsettled.length === 0) return;
    const reads = Promise.all(unsettled.map((site) => this.readSoon(kind, site, projectId).catch(() => undefined)));
    await Promise.race([reads, delay(patienceMs, undefined, { ref: false })]);
  }

  /** Reads one site's rows now, whether or not anything was written there. */
  async readSoon(kind: Kind, site: Site, projectId?: string): Promise<void> {
    // A read that is under way may have passed the row in question already, so a newcomer joins the one after it.
    const key = `${kind.name}/${site.id}/${kind.feed?.tellsDeletions ? '' : (projectId ?? '')}`;
    const slot = this.running.get(key);
    if (!slot) return this.start(key, kind, site, projectId);
    slot.next ??= slot.current.catch(() => undefined).then(() => this.start(key, kind, site, projectId));
    return slot.next;
  }

  private start(key: string, kind: Kind, site: Site, projectId?: string): Promise<void> {
    const read = kind.feed?.tellsDeletions
      ? this.reader.readChanges(kind, site)
      : this.reader.readAll(kind, site, projectId);
    const slot: { current: Promise<void>; next?: Promise<void> } = { current: read };
    this.running.set(key, slot);
    return read.finally(() => {
      if (this.running.get(key) === slot && !slot.next) this.running.delete(key);
    });
  }

  private isUnsettled(key: string): boolean {
    return Date.now() - (this.touchedAt.get(key) ?? 0) < unsettledMs;
  }

  private dropSettled(now: number): void {
    for (const [key, at] of this.touchedAt) if (now - at >= unsettledMs) this.touchedAt.delete(key);
  }
}
