/** What belongs to a security group, and what makes that of one site the same as that of another. */
import type { Body } from '../../resources/kind.js';

export interface Belonging {
  /** Name of its kind. */
  readonly kind: string;
  /** The fact that names the group. */
  readonly groupField: string;
  /** What it says, as a string; what another group, or an address group, is by the cascade's ids is the same at every site. */
  readonly content: (body: Body, groupId: string) => string;
  /** The fields by which the same is made elsewhere. */
  readonly fields: readonly string[];
}

/** What a rule lets through, but for whom where that is a group. */
export const letThrough = [
  'direction',
  'ethertype',
  'protocol',
  'port_range_min',
  'port_range_max',
  'remote_ip_prefix',
] as const;

const said = [...letThrough, 'remote_address_group_id'];

/**
 * A rule whose other end is the group itself says so, whatever the group's id is.
 * @see openstack/neutron:neutron/db/securitygroups_db.py _rule_to_key
 */
export const rules: Belonging = {
  kind: 'security_group_rule',
  groupField: 'security_group_id',
  content: (rule, groupId) => {
    const remote = rule['remote_group_id'] ?? null;
    return JSON.stringify([...said.map((name) => rule[name] ?? null), remote === groupId ? 'itself' : remote]);
  },
  fields: [...said, 'remote_group_id', 'description'],
};

/** Whom the group is shared with. */
export const policies: Belonging = {
  kind: 'rbac_policy',
  groupField: 'object_id',
  content: ({ action, target_tenant: target }) => JSON.stringify([action, target]),
  fields: ['object_type', 'action', 'target_tenant'],
};

/** What it is made elsewhere with: a description that is none is no text to Neutron. */
export const fieldsOf = ({ fields }: Belonging, body: Body): Body =>
  Object.fromEntries(
    fields.map((name) => [name, body[name]]).filter(([, value]) => value !== null && value !== undefined),
  );

export interface Difference {
  /** What is there and is not wanted. */
  readonly extra: readonly Body[];
  readonly missing: readonly Body[];
}

/** @param content of one, in place of the belonging's own */
export function differenceOf(
  { content: own }: Belonging,
  groupId: string,
  wanted: readonly Body[],
  there: readonly Body[],
  content: Belonging['content'] = own,
): Difference {
  const keyed = (bodies: readonly Body[]) => new Map(bodies.map((body) => [content(body, groupId), body] as const));
  const [ours, theirs] = [keyed(wanted), keyed(there)];
  return {
    extra: there.filter((body) => !ours.has(content(body, groupId))),
    missing: [...ours].flatMap(([key, body]) => (theirs.has(key) ? [] : [body])),
  };
}
