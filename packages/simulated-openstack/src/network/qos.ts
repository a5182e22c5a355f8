/** QoS policies and their rules. @see openstack/neutron:neutron/services/qos/qos_plugin.py */
import { randomUUID } from 'node:crypto';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { attribute, identity, standard, structure } from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest, conflict, missing } from '@cascade/openstack-adapter/network/faults.js';
import { flag, integer, oneOf, text, type Reader } from '@cascade/openstack-adapter/network/readers.js';
import { collection, type Rules } from './collection/collection.js';
import { requireOwn } from './collection/crud.js';
import type { NetworkState } from './state.js';
import type { PolicyRow, QosRule } from './rows.js';
import { requireVisible } from './collection/view.js';

/** What a rule of each type holds: names, how they are read, and what they are when nothing is said. */
const types: Readonly<Record<string, Readonly<Record<string, { read: Reader; byDefault?: unknown }>>>> = {
  bandwidth_limit: {
    max_kbps: { read: integer(0, 0x7fffffff) },
    max_burst_kbps: { read: integer(0, 0x7fffffff), byDefault: 0 },
    direction: { read: oneOf('egress', 'ingress'), byDefault: 'egress' },
  },
  dscp_marking: { dscp_mark: { read: integer(0, 56) } },
  minimum_bandwidth: {
    min_kbps: { read: integer(0, 0x7fffffff) },
    direction: { read: oneOf('egress', 'ingress'), byDefault: 'egress' },
  },
};

function usersOf(state: NetworkState, policyId: string): { kind: string; id: string } | undefined {
  for (const table of ['network', 'port', 'floatingip'] as const) {
    for (const row of state.tables[table].all())
      if (row['qos_policy_id'] === policyId) return { kind: table, id: row.id };
  }
  return undefined;
}

const rules: Rules<PolicyRow> = {
  create: (_state, row) => void (row.rules = []),
  remove(state, row) {
    const user = usersOf(state, row.id);
    if (user) throw conflict('QosPolicyInUse', `QoS Policy ${row.id} is used by ${user.kind} ${user.id}.`);
  },
  view: (state, row, caller) => ({ shared: state.isShared(row.id, caller.projectId) }),
  seenBy: (state, row, caller) => state.isShared(row.id, caller.projectId),
};

export const qosPolicies = collection<PolicyRow>({
  path: '/qos/policies',
  table: 'policy',
  key: 'policy',
  keys: 'policies',
  alias: 'qos',
  verbs: 'CUD',
  writers: 'admin',
  rules,
  attributes: {
    ...identity,
    shared: attribute(flag, { in: 'never', sorts: false }),
    is_default: attribute(flag, { byDefault: false, sorts: false }),
    rules: structure(text(), { in: 'never' }),
    ...standard,
  },
});

export function qosRoutes(state: NetworkState): Route[] {
  const ruleTypes = Object.keys(types).map((type) => ({ type }));
  return [
    route('GET /qos/rule-types', 'reader', async () => json(200, { rule_types: ruleTypes })),
    ...Object.keys(types).flatMap((type) => ruleRoutes(state, type)),
  ];
}

function ruleRoutes(state: NetworkState, type: string): Route[] {
  const [key, path] = [`${type}_rule`, `/qos/policies/{id}/${type}_rules`];
  const seen = ({ params, caller }: Asked): PolicyRow =>
    requireVisible(state, qosPolicies, params['id'] ?? '', caller) as PolicyRow;
  const own = (asked: Asked): PolicyRow => requireOwn(state, qosPolicies, asked, `update_policy_${key}`) as PolicyRow;
  const body = ({ type: _type, ...shown }: QosRule) => shown;
  const ofType = (policy: PolicyRow): QosRule[] => policy.rules.filter((rule) => rule.type === type);
  const one = (policy: PolicyRow, { params }: Asked): QosRule => {
    const rule = ofType(policy).find(({ id }) => id === params['rule_id']);
    if (rule) return rule;
    throw missing('QosRuleNotFound', `QoS rule ${params['rule_id']} for policy ${policy.id} could not be found.`);
  };
  const keep = (policy: PolicyRow, kept: readonly QosRule[]): void =>
    state.change(state.tables.policy, policy, { rules: kept });
  const row = (method: string, rest: string, run: Answer): Route =>
    route(`${method} ${path}${rest}`, method === 'GET' ? 'reader' : 'member', run);
  return [
    row('GET', '', async (asked) => json(200, { [`${key}s`]: ofType(seen(asked)).map(body) })),
    row('POST', '', async (asked) => {
      const policy = own(asked);
      const rule = { id: randomUUID(), type, ...valuesOf(type, (await asked.readJson())[key], key, {}) };
      keep(policy, [...policy.rules, rule]);
      return json(201, { [key]: body(rule) });
    }),
    row('GET', '/{rule_id}', async (asked) => json(200, { [key]: body(one(seen(asked), asked)) })),
    row('PUT', '/{rule_id}', async (asked) => {
      const policy = own(asked);
      const before = one(policy, asked);
      const rule = { ...before, ...valuesOf(type, (await asked.readJson())[key], key, before) };
      keep(
        policy,
        policy.rules.map((other) => (other === before ? rule : other)),
      );
      return json(200, { [key]: body(rule) });
    }),
    row('DELETE', '/{rule_id}', async (asked) => {
      const policy = own(asked);
      const gone = one(policy, asked);
      keep(
        policy,
        policy.rules.filter((other) => other !== gone),
      );
      return noContent();
    }),
  ];
}

/** @throws Fault 400 */
function valuesOf(type: string, given: unknown, key: string, before: Record<string, unknown>): Record<string, unknown> {
  if (!isObject(given)) throw badRequest(`Unable to find '${key}' in request body`);
  const fields = types[type]!;
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(fields, name));
  if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
  const read = Object.entries(fields).map(([name, { read: reader, byDefault }]) => {
    if (Object.hasOwn(given, name)) return [name, reader(given[name], name)];
    const value = before[name] ?? byDefault;
    if (value !== undefined) return [name, value];
    throw badRequest(`Failed to parse request. Required attribute '${name}' not specified`);
  });
  return Object.fromEntries(read) as Record<string, unknown>;
}
