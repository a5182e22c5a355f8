/** Metadata of servers. @see openstack/nova:nova/api/openstack/compute/server_metadata.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { metadata } from '@cascade/openstack-adapter/compute/server-schemas.js';
import type { Cloud } from '../cloud.js';
import { requireState, requireUnlocked, serverAsked } from './asked-server.js';
import type { Server } from './server.js';

const checkAll = bodyCheck({
  type: 'object',
  properties: { metadata },
  required: ['metadata'],
  additionalProperties: false,
});

const checkOne = bodyCheck({
  type: 'object',
  properties: { meta: { ...metadata, minProperties: 1, maxProperties: 1 } },
  required: ['meta'],
  additionalProperties: false,
});

export function metadataRoutes(cloud: Cloud): Route[] {
  const all = '/servers/{id}/metadata';
  const one = `${all}/{key}`;
  const set = (server: Server, next: Record<string, string>, word = 'update metadata'): void => {
    requireState(server, word, ['active', 'paused', 'suspended', 'stopped'], 'any');
    const most = cloud.quotas.of(server.projectId).metadata_items;
    if (most >= 0 && Object.keys(next).length > most) {
      throw new Fault('forbidden', `Maximum number of metadata items exceeds ${most}`);
    }
    cloud.servers.change(server.id, { metadata: next });
  };
  const change = (merge: boolean) => async (asked: Asked) => {
    const body = await asked.readJson();
    checkAll(body);
    const server = changeable(cloud, asked);
    const given = body['metadata'] as Record<string, string>;
    const next = merge ? { ...server.metadata, ...given } : given;
    set(server, next);
    return json(200, { metadata: next });
  };
  return [
    route(`GET ${all}`, 'reader', async (asked) => json(200, { metadata: serverAsked(cloud, asked).metadata })),
    route(`POST ${all}`, 'member', change(true)),
    route(`PUT ${all}`, 'member', change(false)),
    route(`GET ${one}`, 'reader', async (asked) => {
      const [key, value] = itemAsked(serverAsked(cloud, asked), asked);
      return json(200, { meta: { [key]: value } });
    }),
    route(`PUT ${one}`, 'member', async (asked) => {
      const body = await asked.readJson();
      checkOne(body);
      const { key = '' } = asked.params;
      const meta = body['meta'] as Record<string, string>;
      const value = meta[key];
      if (value === undefined) throw new Fault('bad-request', 'Request body and URI mismatch');
      const server = changeable(cloud, asked);
      set(server, { ...server.metadata, [key]: value });
      return json(200, { meta });
    }),
    route(`DELETE ${one}`, 'member', async (asked) => {
      const server = changeable(cloud, asked);
      const [key] = itemAsked(server, asked);
      const { [key]: _gone, ...left } = server.metadata;
      set(server, left, 'delete metadata');
      return noContent(204);
    }),
  ];
}

function changeable(cloud: Cloud, asked: Asked): Server {
  const server = serverAsked(cloud, asked);
  requireUnlocked(asked, server);
  return server;
}

/** @throws Fault 404 */
function itemAsked(server: Server, asked: Asked): [key: string, value: string] {
  const { key = '' } = asked.params;
  const value = Object.hasOwn(server.metadata, key) ? server.metadata[key] : undefined;
  if (value === undefined) throw new Fault('not-found', 'Metadata item was not found');
  return [key, value];
}
