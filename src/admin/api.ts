/** The operator's API, `/cascade/v1`: sites, and why things are where they are. Documented by /cascade/v1/openapi.json. */
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { World } from '../routing/world.js';
import { requirePersona } from '../identity/policy.js';
import type { NewSite } from '../sites/registry.js';
import { readProgress } from '../sync/feed-views.js';
import { bodyAs } from './body-as.js';
import { imageRoutes } from './image-routes.js';
import { interconnectRoutes } from './interconnect-routes.js';
import { openApi } from './openapi.js';
import { rebuildRoutes, type SiteQuotas } from './rebuild-routes.js';
import { showSite } from './show-site.js';
import { changeSiteBody, newSiteBody, type NewSiteBody } from './schemas.js';

export function adminApi(
  world: World,
  authenticate: (token: string | undefined) => Promise<Caller>,
  quotas: SiteQuotas,
): FastifyPluginAsync {
  return async (server: FastifyInstance) => {
    server.get('/openapi.json', () => openApi());

    server.addHook('onRequest', async (request) => {
      // The route that was found: a URL can end with these words in its query.
      if (request.routeOptions.url?.endsWith('/openapi.json')) return;
      const caller = await authenticate(tokenOf(request));
      requirePersona(caller, 'admin', 'cascade:operator');
      // No access rule can mean this API: it is no service of the catalog.
      if (caller.accessRules)
        throw new Fault('forbidden', 'The access rules of this application credential do not allow this request.');
    });
    server.setErrorHandler(async (error, _request, reply) => {
      const fault = error instanceof Fault ? error : undefined;
      if (!fault) world.log.error({ event: 'admin.failed', err: error }, 'admin request failed');
      const reason = fault?.details.reason;
      if (reason !== undefined) world.log.warn({ event: 'admin.refused', reason }, fault?.message);
      const { status, message } = fault ?? { status: 500, message: 'An unexpected error occurred.' };
      return reply
        .code(status)
        .headers(fault?.details.headers ?? {})
        .send({ error: { code: status, message } });
    });

    const progress = () => readProgress(world.database, world.sites.all(), world.kinds.values());
    server.get('/sites', async () => {
      const known = await progress();
      const stateOf = (id: number) => {
        const { staleness_seconds = null, reconciled_at = null } = known.get(id) ?? {};
        return { staleness_seconds, reconciled_at };
      };
      return { sites: world.sites.views().map((view) => ({ ...view, ...stateOf(view.id) })) };
    });
    server.post('/sites', async (request, reply) => {
      const wanted = toNewSite(await bodyAs(request, newSiteBody));
      const { view, warnings } = await world.sites.add(wanted, tokenOf(request));
      return reply.code(201).send({ site: view, warnings });
    });
    server.get<{ Params: { name: string } }>('/sites/:name', async (request) => ({
      site: await showSite(world, request.params.name),
    }));
    server.patch<{ Params: { name: string } }>('/sites/:name', async (request) => {
      const { state } = await bodyAs(request, changeSiteBody);
      return { site: await world.sites.setState(request.params.name, state) };
    });
    server.delete<{ Params: { name: string }; Querystring: { forget_resources?: string } }>(
      '/sites/:name',
      async (request, reply) => {
        const forgets = request.query.forget_resources === 'true';
        const kept = [...world.kinds.values()].filter(({ keepsSite }) => keepsSite).map(({ name }) => name);
        await world.sites.remove(request.params.name, forgets ? [] : kept);
        return reply.code(204).send();
      },
    );
    server.get<{ Params: { id: string } }>('/placements/:id', async (request) => ({
      placements: await world.database.many(
        `select d.kind, d.resource_id, d.project_id, s.name as site, d.reason, d.decided_at
           from placement_decision d left join site s on s.id = d.site_id where d.resource_id = $1 order by d.id`,
        [request.params.id],
      ),
    }));
    rebuildRoutes(server, world, quotas);
    imageRoutes(server, world);
    interconnectRoutes(server, world);
    server.get('/feeds', async () => ({ feeds: [...(await progress()).values()].flatMap((one) => one.feeds) }));
  };
}

function tokenOf(request: FastifyRequest): string | undefined {
  const token = request.headers['x-auth-token'];
  return Array.isArray(token) ? token[0] : token;
}

function toNewSite(body: NewSiteBody): NewSite {
  const { auth } = body;
  return {
    id: body.id,
    name: body.name,
    state: body.state,
    authUrl: body.auth_url,
    region: body.region,
    interface: body.interface,
    verifyTls: !body.insecure,
    credential:
      'application_credential_id' in auth
        ? {
            kind: 'application-credential',
            id: auth.application_credential_id,
            secret: auth.application_credential_secret,
          }
        : {
            kind: 'password',
            username: auth.username,
            password: auth.password,
            projectName: auth.project_name,
            userDomain: auth.user_domain,
            projectDomain: auth.project_domain,
          },
  };
}
