/** Nova's own daemons. @see openstack/nova:nova/api/openstack/compute/services.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { boolean, fqdn, isTrue } from '@cascade/openstack-protocol/compute/parameter-types.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { isoMicros } from '../../clock.js';
import type { Cloud } from '../cloud.js';
import { noiseUuid, numberOf } from '../../noise.js';

export const controllerServices = ['nova-scheduler', 'nova-conductor'] as const;

interface Service {
  readonly number: number;
  readonly id: string;
  readonly binary: string;
  readonly host: string;
}

function services(cloud: Cloud): Service[] {
  const rows = [
    ...controllerServices.map((binary) => ({ binary, host: cloud.controller })),
    ...cloud.hosts.names.map((host) => ({ binary: 'nova-compute', host })),
  ];
  return rows.map(({ binary, host }, at) => ({
    number: at + 1,
    id: noiseUuid(cloud.seed, numberOf(host), numberOf(binary)),
    binary,
    host,
  }));
}

function view(cloud: Cloud, asked: Asked, { number, id, binary, host }: Service): Record<string, unknown> {
  const since = (floor: string): boolean => atLeast(asked.microversion, floor);
  const { hosts } = cloud;
  return {
    binary,
    host,
    id: since('2.53') ? id : number,
    zone: binary === 'nova-compute' ? cloud.zone : 'internal',
    status: hosts.isEnabled(host) ? 'enabled' : 'disabled',
    state: hosts.isUp(host) ? 'up' : 'down',
    updated_at: isoMicros(Math.floor(cloud.clock.now() / 1000) * 1000),
    disabled_reason: hosts.disabledReason(host),
    ...(since('2.11') ? { forced_down: hosts.isForcedDown(host) } : {}),
  };
}

const checkById = bodyCheck({
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['enabled', 'disabled'] },
    disabled_reason: { type: 'string', minLength: 1, maxLength: 255 },
    forced_down: boolean,
  },
  additionalProperties: false,
});

const checkByHost = bodyCheck({
  type: 'object',
  properties: {
    host: fqdn,
    binary: { type: 'string', minLength: 1, maxLength: 255 },
    disabled_reason: { type: 'string', minLength: 1, maxLength: 255 },
    forced_down: boolean,
  },
  required: ['host', 'binary'],
  additionalProperties: false,
});

export const serviceRoutes = (cloud: Cloud): Route[] => [
  route('GET /os-services', 'admin', async (asked) => {
    const { query } = asked;
    const rows = services(cloud).filter(
      ({ host, binary }) => (query.get('host') ?? host) === host && (query.get('binary') ?? binary) === binary,
    );
    return json(200, { services: rows.map((row) => view(cloud, asked, row)) });
  }),
  route('PUT /os-services/{id}', 'admin', change(cloud)),
  route('DELETE /os-services/{id}', 'admin', async (asked) => {
    const { host } = serviceAsked(cloud, asked);
    if (cloud.hosts.has(host) && cloud.hosts.usage(host).servers > 0) {
      throw new Fault(
        'conflict',
        'Unable to delete compute service that is hosting instances. Migrate or delete the instances first.',
      );
    }
    throw new Fault('conflict', 'Unable to delete a compute service that is up.');
  }),
];

/** Up to 2.52 a word stands where the id stands since. */
function change(cloud: Cloud): Answer {
  return async (asked) => {
    const { id = '' } = asked.params;
    const body = await asked.readJson();
    if (atLeast(asked.microversion, '2.53')) {
      checkById(body);
      const service = serviceAsked(cloud, asked);
      apply(cloud, service.host, body);
      return json(200, { service: view(cloud, asked, service) });
    }
    checkByHost(body);
    const { host, binary } = body as { host: string; binary: string };
    const service = services(cloud).find((one) => one.host === host && one.binary === binary);
    if (!service) throw new Fault('not-found', `Compute host ${host} could not be found.`);
    const status = { enable: 'enabled', disable: 'disabled', 'disable-log-reason': 'disabled' }[id];
    if (status === undefined && id !== 'force-down') throw new Fault('not-found', 'Unknown action');
    apply(cloud, host, { ...body, ...(status ? { status } : {}) });
    const { disabled_reason } = body;
    const shown = { host, binary, ...(status ? { status } : { forced_down: cloud.hosts.isForcedDown(host) }) };
    return json(200, { service: { ...shown, ...(disabled_reason ? { disabled_reason } : {}) } });
  };
}

function apply(cloud: Cloud, host: string, given: Readonly<Record<string, unknown>>): void {
  const { status, disabled_reason: reason, forced_down: down } = given;
  if (status === 'enabled') cloud.hosts.enable(host);
  if (status === 'disabled') cloud.hosts.disable(host, (reason as string | undefined) ?? null);
  if (down !== undefined) cloud.hosts.forceDown(host, isTrue(down));
}

/** @throws Fault 400, 404 */
function serviceAsked(cloud: Cloud, asked: Asked): Service {
  const { id = '' } = asked.params;
  const byUuid = atLeast(asked.microversion, '2.53');
  if (byUuid && !/^[0-9a-f-]{36}$/i.test(id)) throw new Fault('bad-request', `Invalid uuid ${id}`);
  const service = services(cloud).find((one) => (byUuid ? one.id : String(one.number)) === id);
  if (!service) throw new Fault('not-found', `Service ${id} could not be found.`);
  return service;
}
