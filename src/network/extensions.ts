/** `GET /extensions`: a feature is there when every zone has it. */
import { bodyOf, isOk, withBody } from '@cascade/openstack-protocol/message.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { callSite } from '../routing/site-call.js';
import { readAtHome } from '../routing/any-site.js';
import type { World } from '../routing/world.js';

const sitesOf = (world: World) => world.sites.all().filter((site) => site.state !== 'maintenance');

/** True where every site has the extension. What a silent site could do when it was last asked, it still can. */
export function offered(world: World, alias: string): boolean {
  const sites = sitesOf(world);
  return sites.length > 0 && sites.every((site) => site.capabilities.networkExtensions.includes(alias));
}

/** The project's own site describes them; what another site lacks is left out. */
export function listExtensions(world: World): Answer {
  return async (asked) => {
    const home = await world.placement.homeSite(asked.caller.projectId, 'network');
    // Whole, whatever fields were asked for: the alias tells which to leave out.
    const response = await callSite(asked, home, { query: '' });
    const body = bodyOf(response) as { extensions?: { alias: string }[] } | undefined;
    if (!isOk(response) || !Array.isArray(body?.extensions)) return response;
    const common = body.extensions.filter(({ alias }) => offered(world, alias));
    return withBody(response, { extensions: common.map((one) => only(one, asked.query.getAll('fields'))) });
  };
}

const only = (one: object, fields: readonly string[]): object =>
  fields.length === 0 ? one : Object.fromEntries(Object.entries(one).filter(([name]) => fields.includes(name)));

export function showExtension(world: World): Answer {
  const pass = readAtHome(world);
  return async (asked) => {
    const alias = asked.params['alias'] ?? '';
    if (offered(world, alias)) return pass(asked);
    // Extensions have a controller of their own, whose faults are webob's.
    const detail = `Extension with alias ${alias} does not exist`;
    throw new Fault('not-found', 'The resource could not be found.', { page: true, detail });
  };
}
