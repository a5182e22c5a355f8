/** `/os-server-groups`. @see openstack/nova:nova/api/openstack/compute/server_groups.py */
import { checkServerGroupQuery } from '@cascade/openstack-protocol/compute/nova-queries.js';
import { randomUUID } from 'node:crypto';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { name } from '@cascade/openstack-protocol/compute/parameter-types.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from './cloud.js';
import type { Group } from './server-groups.js';

const policies = ['anti-affinity', 'affinity', 'soft-anti-affinity', 'soft-affinity'];

const schema = (properties: object, required: string[]): object => ({
  type: 'object',
  properties: {
    server_group: { type: 'object', properties: { name, ...properties }, required, additionalProperties: false },
  },
  required: ['server_group'],
  additionalProperties: false,
});

const checkOld = bodyCheck(
  schema({ policies: { type: 'array', items: { type: 'string', enum: policies }, minItems: 1, maxItems: 1 } }, [
    'name',
    'policies',
  ]),
);
const checkNew = bodyCheck(
  schema(
    {
      policy: { type: 'string', enum: policies },
      rules: {
        type: 'object',
        properties: { max_server_per_host: { type: ['integer', 'string'], pattern: '^[0-9]*$', minimum: 1 } },
        additionalProperties: false,
      },
    },
    ['name', 'policy'],
  ),
);

export function serverGroupRoutes(cloud: Cloud): Route[] {
  const { serverGroups } = cloud;
  const visible = (asked: Asked): Group => {
    const { id = '' } = asked.params;
    const group = serverGroups.find(id);
    if (group && (asked.caller.isAdmin || group.projectId === asked.caller.projectId)) return group;
    throw new Fault('not-found', `Instance group ${id} could not be found.`);
  };
  return [
    route('GET /os-server-groups', 'reader', async (asked) => {
      checkServerGroupQuery(asked);
      const all =
        asked.caller.isAdmin &&
        asked.query.has('all_projects') &&
        booleanWord(asked.query.get('all_projects') ?? '') !== false;
      const rows = all ? serverGroups.all() : serverGroups.of(asked.caller.projectId ?? '');
      const page = rows.slice(count(asked, 'offset', 0)).slice(0, Math.min(count(asked, 'limit', 1000), 1000));
      return json(200, { server_groups: page.map((group) => view(cloud, asked, group)) });
    }),
    route('POST /os-server-groups', 'member', async (asked) => {
      const group = groupFrom(asked, await asked.readJson());
      const { server_groups: most } = cloud.quotas.of(group.projectId);
      if (most >= 0 && serverGroups.of(group.projectId).length >= most) {
        throw new Fault('forbidden', 'Quota exceeded, too many server groups.');
      }
      serverGroups.add(group);
      return json(200, { server_group: view(cloud, asked, group) });
    }),
    route('GET /os-server-groups/{id}', 'reader', async (asked) =>
      json(200, { server_group: view(cloud, asked, visible(asked)) }),
    ),
    route('DELETE /os-server-groups/{id}', 'member', async (asked) => {
      serverGroups.remove(visible(asked).id);
      return noContent(204);
    }),
  ];
}

function groupFrom(asked: Asked, body: Record<string, unknown>): Group {
  (atLeast(asked.microversion, '2.64') ? checkNew : checkOld)(body);
  const given = body['server_group'] as {
    name: string;
    policy?: string;
    policies?: string[];
    rules?: Record<string, unknown>;
  };
  const { caller } = asked;
  const policy = given.policy ?? given.policies?.[0] ?? '';
  if (given.rules && policy !== 'anti-affinity') {
    throw new Fault('bad-request', 'Only anti-affinity policy supports rules.');
  }
  return {
    id: randomUUID(),
    name: given.name,
    policy,
    rules: given.rules ?? {},
    projectId: caller.projectId ?? '',
    userId: caller.userId,
  };
}

function view(cloud: Cloud, asked: Asked, group: Group): Record<string, unknown> {
  const { id, name: called, policy, rules, projectId: project_id, userId: user_id } = group;
  const how = atLeast(asked.microversion, '2.64') ? { policy, rules } : { policies: [policy], metadata: {} };
  const whose = atLeast(asked.microversion, '2.13') ? { project_id, user_id } : {};
  return { id, name: called, ...how, members: cloud.serverGroups.membersOf(id), ...whose };
}

/** @throws Fault 400 */
function count(asked: Asked, parameter: string, byDefault: number): number {
  const text = asked.query.get(parameter);
  if (text === null) return byDefault;
  if (/^\d+$/.test(text)) return Number(text);
  throw new Fault('bad-request', `${parameter} param must be an integer`);
}
