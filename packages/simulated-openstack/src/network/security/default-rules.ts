/**
 * What the rules of new security groups are made from: rows that administrators change, or what Neutrons without the extension
 * have always made. @see openstack/neutron:neutron/extensions/security_groups_default_rules.py, neutron/db/securitygroups_db.py
 */
import { formatPrefix, parsePrefix } from '@cascade/openstack-protocol/network/ip-addresses.js';
import { attribute } from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest, conflict } from '@cascade/openstack-adapter/network/faults.js';
import { flag, oneOf, orNone, prefixAsGiven, text, word } from '@cascade/openstack-adapter/network/readers.js';
import { collection, type Rules } from '../collection/collection.js';
import type { Row } from '../collection/table.js';
import type { NetworkState } from '../state.js';
import { checkFamily, checkPortRange, ethertype, keyOf, port } from './rule-words.js';

export const defaultRulesAlias = 'security-groups-default-rules';

const nothing = {
  protocol: null,
  port_range_min: null,
  port_range_max: null,
  remote_ip_prefix: null,
  remote_address_group_id: null,
  remote_group_id: null,
};

/** @see openstack/neutron:neutron/db/migration/alembic_migrations/versions/2023.2/expand/c33da356b165_security_group_default_rules.py */
const legacy = ['egress', 'ingress'].flatMap((direction) =>
  ['IPv4', 'IPv6'].map((ethertype) => ({
    ...nothing,
    direction,
    ethertype,
    ...(direction === 'ingress' ? { remote_group_id: 'PARENT' } : {}),
    used_in_default_sg: true,
    used_in_non_default_sg: direction === 'egress',
    description: `Legacy default SG rule for ${direction} traffic`,
  })),
);

type Template = Omit<(typeof legacy)[number], 'remote_ip_prefix' | 'remote_group_id'> & {
  readonly remote_ip_prefix: string | null;
  readonly remote_group_id: string | null;
};

export function addLegacyTemplates(state: NetworkState, idOf: (at: number) => string): void {
  if (!state.extensions.has(defaultRulesAlias)) return;
  for (const [at, rule] of legacy.entries())
    state.tables.default_security_group_rule.put({ id: idOf(at), project_id: '', ...rule });
}

/** Fields of the rules that a new group begins with. */
export function templatesFor(state: NetworkState, isDefault: boolean): (typeof nothing & Record<string, unknown>)[] {
  const all = state.extensions.has(defaultRulesAlias) ? [...state.tables.default_security_group_rule.all()] : legacy;
  return (all as unknown as Template[])
    .filter((one) => (isDefault ? one.used_in_default_sg : one.used_in_non_default_sg))
    .map((one) => {
      const fields = Object.fromEntries(Object.keys(nothing).map((name) => [name, one[name as keyof typeof nothing]]));
      const prefix = one.remote_ip_prefix === null ? undefined : parsePrefix(one.remote_ip_prefix);
      const { direction, ethertype } = one;
      const cidr = prefix ? formatPrefix(prefix) : null;
      return { ...nothing, ...fields, direction, ethertype, normalized_cidr: cidr, description: null };
    });
}

const rules: Rules<Row> = {
  create(state, row) {
    const remotes = [row['remote_group_id'], row['remote_ip_prefix'], row['remote_address_group_id']];
    if (remotes.filter((one) => one !== null).length > 1) {
      throw badRequest(
        'Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.',
        'SecurityGroupMultipleRemoteEntites',
      );
    }
    checkFamily(row);
    checkPortRange(row);
    delete row['normalized_cidr'];
    row.project_id = '';
    // Neutron asks the wrapped body what it is used in, which says nothing: a new one is compared with those of groups that
    // are not default.
    const same = [...state.tables.default_security_group_rule.all()].find(
      (one) => one['used_in_non_default_sg'] === true && keyOf(one) === keyOf(row),
    );
    if (!same) return;
    const words = `Default Security group rule already exists. Rule id is ${same.id}.`;
    throw conflict('DefaultSecurityGroupRuleExists', words);
  },
  seenBy: () => true,
};

const create = { in: 'create' } as const;
const orNothing = { in: 'create', byDefault: null } as const;

export const defaultSecurityGroupRules = collection<Row>({
  path: '/default-security-group-rules',
  table: 'default_security_group_rule',
  key: 'default_security_group_rule',
  keys: 'default_security_group_rules',
  alias: defaultRulesAlias,
  verbs: 'CD',
  writers: 'admin',
  rules,
  attributes: {
    id: attribute(text(), { in: 'never' }),
    tenant_id: attribute(text(), { ...create, isHidden: true, filters: false, sorts: false }),
    project_id: attribute(text(), { ...create, isHidden: true, filters: false, sorts: false, alias: 'project-id' }),
    description: attribute(text(), { ...create, byDefault: '', sorts: false }),
    remote_group_id: attribute(orNone(text()), orNothing),
    remote_address_group_id: attribute(orNone(text()), orNothing),
    direction: attribute(oneOf('ingress', 'egress'), { ...create, required: true }),
    protocol: attribute(word, orNothing),
    port_range_min: attribute(orNone(port), orNothing),
    port_range_max: attribute(orNone(port), orNothing),
    ethertype: attribute(ethertype, { ...create, byDefault: 'IPv4' }),
    remote_ip_prefix: attribute(orNone(prefixAsGiven), orNothing),
    used_in_default_sg: attribute(flag, { ...create, required: true }),
    used_in_non_default_sg: attribute(flag, { ...create, required: true }),
  },
});
