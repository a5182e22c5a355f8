/** Nova's calls about aggregates. @see openstack/nova:nova/api/openstack/compute/aggregates.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { azName, fqdn, metadataWithNull, name } from '@cascade/openstack-protocol/compute/parameter-types.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { isoMicros } from '../../clock.js';
import type { Cloud } from '../cloud.js';
import { noiseUuid } from '../../noise.js';
import type { Aggregate } from './aggregates.js';

const wrapped = (key: string, properties: object, required: string[] = []): ReturnType<typeof bodyCheck> =>
  bodyCheck({
    type: 'object',
    properties: { [key]: { type: 'object', properties, required, additionalProperties: false } },
    required: [key],
    additionalProperties: false,
  });

const zone = { oneOf: [azName, { type: 'null' }] };
const checkCreate = wrapped('aggregate', { name, availability_zone: zone }, ['name']);
const checkUpdate = wrapped('aggregate', { name, availability_zone: azName });
const actionChecks = {
  add_host: wrapped('add_host', { host: fqdn }, ['host']),
  remove_host: wrapped('remove_host', { host: fqdn }, ['host']),
  set_metadata: wrapped('set_metadata', { metadata: metadataWithNull }, ['metadata']),
};

export function aggregateRoutes(cloud: Cloud): Route[] {
  const { aggregates } = cloud;
  const found = (asked: Asked): Aggregate => {
    const { id = '' } = asked.params;
    if (!/^\d+$/.test(id)) throw new Fault('bad-request', 'Invalid input received: id must be an integer');
    const row = aggregates.find(Number(id));
    if (!row) throw new Fault('not-found', `Aggregate ${id} could not be found.`);
    return row;
  };
  const answer = (asked: Asked, row: Aggregate) => json(200, { aggregate: view(cloud, asked, row) });
  return [
    route('GET /os-aggregates', 'admin', async (asked) =>
      json(200, { aggregates: aggregates.all().map((row) => view(cloud, asked, row)) }),
    ),
    route('POST /os-aggregates', 'admin', async (asked) => {
      const body = await asked.readJson();
      checkCreate(body);
      const given = body['aggregate'] as { name: string; availability_zone?: string | null };
      requireFree(cloud, given.name);
      const {
        hosts: _hosts,
        metadata: _metadata,
        ...made
      } = view(cloud, asked, aggregates.add(given.name, given.availability_zone ?? null, cloud.clock.now()));
      return json(200, { aggregate: made });
    }),
    route('GET /os-aggregates/{id}', 'admin', async (asked) => answer(asked, found(asked))),
    route('PUT /os-aggregates/{id}', 'admin', async (asked) => {
      const body = await asked.readJson();
      checkUpdate(body);
      const row = found(asked);
      const { name: called = row.name, availability_zone } = body['aggregate'] as {
        name?: string;
        availability_zone?: string;
      };
      if (called !== row.name) requireFree(cloud, called);
      const metadata = availability_zone === undefined ? row.metadata : { ...row.metadata, availability_zone };
      return answer(asked, aggregates.change(row.id, { name: called, metadata, updatedAt: cloud.clock.now() }));
    }),
    route('DELETE /os-aggregates/{id}', 'admin', async (asked) => {
      const row = found(asked);
      if (row.hosts.length > 0)
        throw new Fault(
          'bad-request',
          `Cannot remove host from aggregate ${row.id}. Reason: Host aggregate is not empty.`,
        );
      aggregates.remove(row.id);
      return noContent(200);
    }),
    route('POST /os-aggregates/{id}/action', 'admin', async (asked) => {
      const body = await asked.readJson();
      const [action = ''] = Object.keys(body);
      if (!Object.hasOwn(actionChecks, action)) throw new Fault('bad-request', `There is no such action: ${action}`);
      actionChecks[action as keyof typeof actionChecks](body);
      const { host } = body[action] as { host?: string };
      if (host !== undefined) cloud.hosts.require(host);
      const row = found(asked);
      return answer(
        asked,
        aggregates.change(row.id, { ...changeOf(row, action, body[action]), updatedAt: cloud.clock.now() }),
      );
    }),
  ];
}

/** @throws Fault 409 */
function requireFree(cloud: Cloud, called: string): void {
  const isTaken = cloud.aggregates.all().some((row) => row.name === called);
  if (isTaken) throw new Fault('conflict', `Aggregate ${called} already exists.`);
}

/** @throws Fault 404, 409 */
function changeOf(row: Aggregate, action: string, given: unknown): Partial<Aggregate> {
  const { host = '', metadata = {} } = given as { host?: string; metadata?: Record<string, string | null> };
  if (action === 'set_metadata') {
    const kept = Object.entries({ ...row.metadata, ...metadata }).filter(([, value]) => value !== null);
    return { metadata: Object.fromEntries(kept) as Record<string, string> };
  }
  const isMember = row.hosts.includes(host);
  if (action === 'add_host' && isMember) throw new Fault('conflict', `Aggregate ${row.id} already has host ${host}.`);
  if (action === 'remove_host' && !isMember) throw new Fault('not-found', `Aggregate ${row.id} has no host ${host}.`);
  return { hosts: isMember ? row.hosts.filter((one) => one !== host) : [...row.hosts, host] };
}

const view = (cloud: Cloud, asked: Asked, row: Aggregate): Record<string, unknown> => ({
  id: row.id,
  name: row.name,
  hosts: row.hosts,
  metadata: row.metadata,
  availability_zone: row.metadata['availability_zone'] ?? null,
  created_at: isoMicros(row.createdAt),
  updated_at: row.updatedAt === null ? null : isoMicros(row.updatedAt),
  deleted_at: null,
  deleted: false,
  ...(atLeast(asked.microversion, '2.41') ? { uuid: noiseUuid(cloud.seed, row.id) } : {}),
});
