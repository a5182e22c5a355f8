/** Nova's services. Disabling the nova-compute of a site keeps new servers away from that site. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { bodyCheck, looksLikeUuid, queryCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { boolean, fqdn, isTrue, multiParams } from '@cascade/openstack-protocol/compute/parameter-types.js';
import type { Body } from '../../resources/kind.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { anyServerAt } from './site-servers.js';
import { novaServices, setEnabled, type NovaService } from './site-services.js';

export const serviceRoutes = (world: World): Route[] => [
  route('GET /os-services', 'admin', list(world)),
  route('PUT /os-services/{service_id}', 'admin', update(world)),
  route('DELETE /os-services/{service_id}', 'admin', remove(world)),
];

const text = { type: 'string', minLength: 1, maxLength: 255 };
const filters = {
  type: 'object',
  properties: { host: multiParams({ type: 'string' }), binary: multiParams({ type: 'string' }) },
};
const checkStrictFilters = queryCheck({ ...filters, additionalProperties: false });
const byName = { host: fqdn, binary: text, disabled_reason: text };
const required = ['host', 'binary'];
const checkByName = bodyCheck({ type: 'object', properties: byName, required, additionalProperties: false });
const checkByNameV211 = bodyCheck({
  type: 'object',
  properties: { ...byName, forced_down: boolean },
  required,
  additionalProperties: false,
});
const checkById = bodyCheck({
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['enabled', 'disabled'] },
    disabled_reason: text,
    forced_down: boolean,
  },
  additionalProperties: false,
});

function list(world: World): Answer {
  return async (asked) => {
    if (atLeast(asked.microversion, '2.75')) checkStrictFilters(asked.query);
    const host = asked.query.get('host');
    const binary = asked.query.get('binary');
    const services = (await novaServices(world)).filter(
      (service) => (!host || service.host === host) && (!binary || service.binary === binary),
    );
    return json(200, { services: services.map((service) => view(asked, service)) });
  };
}

function view(asked: Asked, service: NovaService): Body {
  return {
    binary: service.binary,
    host: service.host,
    id: idOf(asked, service),
    zone: service.zone,
    status: service.isEnabled ? 'enabled' : 'disabled',
    state: service.isUp ? 'up' : 'down',
    updated_at: service.updatedAt,
    disabled_reason: service.disabledReason,
    ...(atLeast(asked.microversion, '2.11') ? { forced_down: false } : {}),
  };
}

const idOf = (asked: Asked, service: NovaService): number | string =>
  atLeast(asked.microversion, '2.53') ? service.uuid : service.id;

function update(world: World): Answer {
  return async (asked) => (atLeast(asked.microversion, '2.53') ? updateById(world, asked) : updateByName(world, asked));
}

/** Up to 2.52 the path says what to do, and the body to which service. */
async function updateByName(world: World, asked: Asked): Promise<OpenStackResponse> {
  const action = asked.params['service_id'] ?? '';
  const hasForceDown = atLeast(asked.microversion, '2.11');
  const body = await asked.readJson();
  (hasForceDown ? checkByNameV211 : checkByName)(body);
  const { host, binary, disabled_reason: reason } = body as { host: string; binary: string; disabled_reason?: string };
  switch (action) {
    case 'enable':
      await setEnabled(world, await siteNamed(world, host, binary), true);
      return json(200, { service: { host, binary, status: 'enabled' } });
    case 'disable':
      await setEnabled(world, await siteNamed(world, host, binary), false);
      return json(200, { service: { host, binary, status: 'disabled' } });
    case 'disable-log-reason':
      if (reason === undefined) throw new Fault('bad-request', 'Missing disabled reason field');
      await setEnabled(world, await siteNamed(world, host, binary), false, reason);
      return json(200, { service: { host, binary, status: 'disabled', disabled_reason: reason } });
    case 'force-down':
      if (!hasForceDown) break;
      if (body['forced_down'] === undefined) throw new Fault('bad-request', 'Missing forced_down field');
      return forcedDown(await siteNamed(world, host, binary), body['forced_down'], binary);
  }
  throw new Fault('not-found', 'Unknown action');
}

/** No service is forced down: that may be said again, and nothing else. @throws Fault 400 */
function forcedDown({ name: host }: Site, wanted: unknown, binary: string): OpenStackResponse {
  if (isTrue(wanted)) throw seenNotSet(host);
  return json(200, { service: { host, binary, forced_down: false } });
}

async function siteNamed(world: World, host: string, binary: string) {
  if (binary !== 'nova-compute') throw notUpdatable(binary);
  const site = world.sites.byName(host);
  if (!site) throw new Fault('not-found', `Host '${host}' is not mapped to any cell`);
  return site;
}

const notUpdatable = (binary: string): Fault =>
  new Fault('bad-request', `Updating a ${binary} service is not supported. Only nova-compute services can be updated.`);

const seenNotSet = (host: string): Fault =>
  new Fault(
    'bad-request',
    `Service nova-compute of host ${host} cannot be forced down: whether a site answers is seen, not set.`,
  );

/** From 2.53 the path says which service, and the body what to do. */
async function updateById(world: World, asked: Asked): Promise<OpenStackResponse> {
  const body = await asked.readJson();
  checkById(body);
  const id = uuidIn(asked);
  const service = (await novaServices(world)).find((one) => one.uuid === id);
  if (!service) throw new Fault('not-found', `Service ${id} could not be found.`);
  if (service.binary !== 'nova-compute') throw notUpdatable(service.binary);
  const { status, disabled_reason: reason } = body as { status?: string; disabled_reason?: string };
  if (status === 'enabled' && reason) {
    throw new Fault('bad-request', "Specifying 'disabled_reason' with status 'enabled' is invalid.");
  }
  if (isTrue(body['forced_down'])) throw seenNotSet(service.host);
  // No service is forced down, so that nothing is changed by saying so.
  if (status === undefined && body['forced_down'] !== undefined) return json(200, { service: view(asked, service) });
  if (status === undefined) {
    throw new Fault('bad-request', "No updates were requested. Fields 'status' or 'forced_down' should be specified.");
  }
  await setEnabled(world, await siteNamed(world, service.host, service.binary), status === 'enabled', reason);
  const now = (await novaServices(world)).find((one) => one.uuid === id) ?? service;
  return json(200, { service: view(asked, now) });
}

function uuidIn(asked: Asked): string {
  const id = asked.params['service_id'] ?? '';
  if (!looksLikeUuid(id)) throw new Fault('bad-request', `Invalid uuid ${id}`);
  return id;
}

/** No service goes by itself: a site's goes with the site, and the cascade's own are part of it. */
function remove(world: World): Answer {
  return async (asked) => {
    const id = asked.params['service_id'] ?? '';
    if (atLeast(asked.microversion, '2.53')) uuidIn(asked);
    else if (!/^-?\d+$/.test(id)) throw new Fault('bad-request', 'Invalid input received: id must be an integer');
    const service = (await novaServices(world)).find((one) => String(idOf(asked, one)) === id);
    if (!service) throw new Fault('not-found', `Service ${id} not found.`);
    const site = world.sites.byName(service.host);
    if (service.binary !== 'nova-compute' || !site) {
      throw new Fault('conflict', `Unable to delete ${service.binary}: it is part of the cascade.`);
    }
    if (await anyServerAt(world.database, [site])) {
      const words =
        'Unable to delete compute service that is hosting instances. Migrate or delete the instances first.';
      throw new Fault('conflict', words);
    }
    const words = `Unable to delete the compute service of site ${site.name}: take the site out of the cascade (cascade site remove ${site.name}).`;
    throw new Fault('conflict', words);
  };
}
