/**
 * Read your own writes: a list comes from the inventory, which is seconds behind the sites. Where the cascade itself has
 * just changed something, the list first catches up with that site; where nothing is under way it asks nobody. What was
 * written is noted in the database, since another process may answer the list.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { services } from '@cascade/openstack-protocol/services.js';
import type { Database } from '../database/database.js';
import { statement } from '../database/queryable.js';
import type { Kind } from '../resources/kind.js';
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';
import type { FeedReader } from './feed-reader.js';

/** For how long a write may go on having effects that no feed has told yet (a build, a resize, an attach). */
const unsettledSeconds = 60;
/** A note that is younger than this is not written again. */
const notedMs = 1_000;
/** How long a list waits for a site that is slow to answer before it shows what was seen last. */
const timeoutMs = 10_000;

/** A write to one of them has effects in this one. */
const causesOf = (service: ServiceName): string[] =>
  services.flatMap(({ name, effects }) => (effects.includes(service) ? [name] : []));

type ProjectId = string | null | undefined;

export class Freshness {
  private readonly noted = new LRUCache<string, true>({ max: 10_000, ttl: notedMs });
  private readonly running = new Map<string, { current: Promise<void>; next?: Promise<void> }>();

  constructor(
    private readonly database: Database,
    private readonly sites: SiteRegistry,
    private readonly reader: FeedReader,
  ) {}

  /** A write went to a service of a site, for these projects. To be waited for before the write is answered. */
  async touch(site: Site, service: ServiceName, projectIds: readonly ProjectId[]): Promise<void> {
    const keyOf = (projectId: string): string => `${site.id}/${service}/${projectId}`;
    const projects = [...new Set(projectIds.map((id) => id ?? ''))].filter((id) => !this.noted.has(keyOf(id)));
    if (projects.length === 0) return;
    await this.database.relaxed.run(
      statement(
        'freshness.touch',
        `insert into touched (site_id, service, project_id, touched_at)
       select $1, $2, project, now() from unnest($3::text[]) project order by project
       on conflict (service, project_id, site_id) do update set touched_at = now()`,
      ),
      [site.id, service, projects],
    );
    for (const id of projects) this.noted.set(keyOf(id), true);
  }

  /** Returns when the inventory holds what the sites said after this call, for one project or for all. */
  async catchUp(kind: Kind, projectId?: string): Promise<void> {
    const touched = await this.touchedSites(kind.service, projectId);
    if (touched.size === 0) return;
    const unsettled = this.sites.answering(kind.service).filter((site) => touched.has(site.id));
    const reads = Promise.all(unsettled.map((site) => this.readSoon(kind, site, projectId).catch(() => undefined)));
    await Promise.race([reads, delay(timeoutMs, undefined, { ref: false })]);
  }

  /** Whose writes at which site may still have effects that no feed has told yet. */
  unsettled(service: ServiceName): Promise<{ siteId: number; projectId: string }[]> {
    return this.database.many(
      `select distinct site_id as "siteId", project_id as "projectId" from touched
        where service = any($1) and project_id <> '' and touched_at > now() - make_interval(secs => $2)`,
      [causesOf(service), unsettledSeconds],
    );
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

  /** Drops the notes of what has settled long ago. */
  sweep(): Promise<number> {
    return this.database.run(`delete from touched where touched_at < now() - make_interval(secs => $1)`, [
      2 * unsettledSeconds,
    ]);
  }

  private async touchedSites(service: ServiceName, projectId?: string): Promise<Set<number>> {
    const rows = await this.database.many<{ site_id: number }>(
      statement(
        'freshness.touched',
        `select distinct site_id from touched
        where service = any($1) and ($2::text is null or project_id = $2) and touched_at > now() - make_interval(secs => $3)`,
      ),
      [causesOf(service), projectId ?? null, unsettledSeconds],
    );
    return new Set(rows.map((row) => row.site_id));
  }

  private start(key: string, kind: Kind, site: Site, projectId?: string): Promise<void> {
    const read =
      projectId && !kind.feed?.tellsDeletions
        ? this.reader.readAll(kind, site, projectId)
        : this.reader.readNow(kind, site);
    const slot: { current: Promise<void>; next?: Promise<void> } = { current: read.then(() => undefined) };
    this.running.set(key, slot);
    return slot.current.finally(() => {
      if (this.running.get(key) === slot && !slot.next) this.running.delete(key);
    });
  }
}
