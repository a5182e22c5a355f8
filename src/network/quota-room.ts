/**
 * Copies count against the quota that a site keeps of their project, whoever makes them. A limit that stands in their way is
 * raised there by as many as there are, so that the tenant may have as much as before; shown is the limit that was set.
 */
import type { Database } from '../database/database.js';
import type { Body } from '../resources/kind.js';
import { askAsAdmin } from '../routing/ask-as-admin.js';
import type { Site } from '../sites/site.js';

export interface NeededRoom {
  readonly projectId: string;
  /** As Neutron's quotas call it: `security_group_rule`. */
  readonly resource: string;
  /** How many are about to be made. */
  readonly count: number;
}

interface Raised {
  readonly project_id: string;
  readonly resource: string;
  /** As it was set. */
  readonly usual: number;
  /** As the cascade has raised it. Any other value that the site has was set since. */
  readonly raised: number;
}

type Use = Record<string, { limit: number; used: number | string; reserved?: number | string }>;

export class QuotaRoom {
  constructor(private readonly database: Database) {}

  /**
   * For copies that a site has just refused for a quota.
   * @returns false where the quota is not what stands in their way
   */
  extend(site: Site, { projectId, resource, count }: NeededRoom): Promise<boolean> {
    return this.raise(site, projectId, resource, ({ own, usual, copies }) => Math.max(usual, own) + copies + count);
  }

  /**
   * For what a tenant has just been refused for a quota: what copies take is not the tenant's use.
   * @returns false where the tenant has as much as the quota allows
   */
  leave(site: Site, { projectId, resource, count }: NeededRoom): Promise<boolean> {
    return this.raise(site, projectId, resource, ({ own, usual, copies }) =>
      own + count > usual ? undefined : usual + copies,
    );
  }

  private async raise(
    site: Site,
    projectId: string,
    resource: string,
    wantedOf: (use: { own: number; usual: number; copies: number }) => number | undefined,
  ): Promise<boolean> {
    return this.database.locks.hold(`quota of ${projectId} at ${site.id}`, async () => {
      const path = `/quotas/${encodeURIComponent(projectId)}`;
      const { status, body } = await askAsAdmin(site, 'network', 'GET', `${path}/details`);
      const use = status === 200 ? (body['quota'] as Use)[resource] : undefined;
      if (!use || use.limit < 0) return false;
      const copies = await this.copies(site, projectId, resource);
      const known = (await this.raisedOf(site, projectId)).find((one) => one.resource === resource);
      const usual = known?.raised === use.limit ? known.usual : use.limit;
      const wanted = wantedOf({ own: Math.max(0, Number(use.used) - copies), usual, copies });
      if (wanted === undefined) return false;
      // Another request has made room meanwhile.
      if (wanted <= use.limit) return true;
      const set = await askAsAdmin(site, 'network', 'PUT', path, { body: { quota: { [resource]: wanted } } });
      if (set.status >= 300) return false;
      await this.database.run(
        `insert into quota_room (site_id, project_id, resource, usual, raised) values ($1, $2, $3, $4, $5)
         on conflict (site_id, project_id, resource) do update set usual = excluded.usual, raised = excluded.raised`,
        [site.id, projectId, resource, usual, wanted],
      );
      return true;
    });
  }

  /** What a site says of limits, as they were set. */
  async usualAt(site: Site, projectId?: string): Promise<(projectId: string, limits: Body) => Body> {
    const rows = await this.raisedOf(site, projectId);
    return (of, limits) => {
      const lowered = rows.filter((row) => row.project_id === of && Number(limits[row.resource]) === row.raised);
      return { ...limits, ...Object.fromEntries(lowered.map(({ resource, usual }) => [resource, usual])) };
    };
  }

  private raisedOf(site: Site, projectId?: string): Promise<Raised[]> {
    return this.database.many<Raised>(
      `select project_id, resource, usual, raised from quota_room
        where site_id = $1 and ($2::text is null or project_id = $2)`,
      [site.id, projectId ?? null],
    );
  }

  private async copies(site: Site, projectId: string, kind: string): Promise<number> {
    const { copies } = await this.database.one<{ copies: number }>(
      `select count(*) as copies from resource
        where kind = $1 and project_id = $2 and site_id = $3 and is_copy and deleted_at is null`,
      [kind, projectId, site.id],
    );
    return copies;
  }
}
