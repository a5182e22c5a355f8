/** What `cascade site export` and `cascade rebuild` ask for. */
import type { FastifyInstance } from 'fastify';
import type { World } from '../routing/world.js';
import { isFollowed } from '../sync/site-pages.js';
import { bodyAs } from './body-as.js';
import { adoptQuotasBody } from './schemas.js';

/** What adopting the quotas of some projects came to. */
export interface AdoptedQuotas {
  /** Quotas of one service for one project. */
  readonly adopted: number;
}

/** Quotas that the sites still hold, for a cascade that lost its database. */
export interface SiteQuotas {
  /** Projects that have something somewhere, by their ids. */
  readonly projects: () => Promise<string[]>;
  readonly adopt: (projectIds: readonly string[]) => Promise<AdoptedQuotas>;
}

export function rebuildRoutes(server: FastifyInstance, world: World, quotas: SiteQuotas): void {
  server.post<{ Params: { name: string } }>('/sites/:name/rebuild', async (request, reply) => {
    const site = world.sites.require(world.sites.viewByName(request.params.name).id);
    const kinds = [...world.kinds.values()].filter((kind) => isFollowed(kind, site));
    await world.reader.states.suspect(site, kinds);
    world.log.info({ event: 'site.suspected', site: site.name }, 'everything of a site will be read again');
    return reply.code(202).send({ kinds: kinds.map((kind) => kind.name) });
  });
  server.get<{ Querystring: { sealed?: string } }>('/export', (request) => {
    const isSealed = request.query.sealed === 'true';
    world.log.info({ event: 'sites.exported', sealed: isSealed }, 'the sites were exported');
    const sites = world.sites.exported();
    return { sites: isSealed ? sites : sites.map(({ sealed_credential: _sealed, ...site }) => site) };
  });
  server.get('/globals', async () => {
    const rows = await world.database.many<{ kind: string; count: number }>(
      `select kind, count(*) as count from global_resource where deleted_at is null group by kind order by kind`,
    );
    return { globals: Object.fromEntries(rows.map(({ kind, count }) => [kind, count])) };
  });
  server.get('/quotas/projects', async () => ({ projects: await quotas.projects() }));
  server.post('/quotas/adopt', async (request) => quotas.adopt((await bodyAs(request, adoptQuotasBody)).projects));
}
