/** What belongs to a security group, and what makes that of one site the same as that of another. */
import type { Body } from '../../resources/kind.js';

export interface Belonging {
  /** Name of its kind. */
  readonly kind: string;
  /** The fact that names the group. */
  readonly groupField: string;
  /** Query that lists those of a group. */
  readonly of: (groupId: string) => Record<string, string>;
  /** What it says, as a string; undefined for one that means nothing at another site. */
  readonly content: (body: Body, groupId: string) => string | undefined;
  /** The fields by which the same is made elsewhere. */
  readonly fields: readonly string[];
}

/**
 * A rule whose other end is the group itself means, in each site, that site's own. One whose other end is another group, or
 * an address group, is in force where that is: nothing at another site is of that group.
 * @see openstack/neutron:neutron/db/securitygroups_db.py _rule_to_key
 */
export const rules: Belonging = {
  kind: 'security_group_rule',
  groupField: 'security_group_id',
  of: (groupId) => ({ security_group_id: groupId }),
  content: (rule, groupId) => {
    const { remote_group_id: remote, remote_address_group_id: addresses } = rule;
    if ((remote && remote !== groupId) || addresses) return undefined;
    const said = ['direction', 'ethertype', 'protocol', 'port_range_min', 'port_range_max', 'remote_ip_prefix'];
    return JSON.stringify([...said.map((name) => rule[name] ?? null), Boolean(remote)]);
  },
  fields: [
    'direction',
    'ethertype',
    'protocol',
    'port_range_min',
    'port_range_max',
    'remote_ip_prefix',
    'remote_group_id',
    'description',
  ],
};

/** Whom the group is shared with. */
const policies: Belonging = {
  kind: 'rbac_policy',
  groupField: 'object_id',
  of: (groupId) => ({ object_type: 'security_group', object_id: groupId }),
  content: ({ action, target_tenant: target }) => JSON.stringify([action, target]),
  fields: ['object_type', 'action', 'target_tenant'],
};

export const belongings: readonly Belonging[] = [rules, policies];

/** What it is made elsewhere with: a description that is none is no text to Neutron. */
export const fieldsOf = ({ fields }: Belonging, body: Body): Body =>
  Object.fromEntries(
    fields.map((name) => [name, body[name]]).filter(([, value]) => value !== null && value !== undefined),
  );

export interface Difference {
  /** What is there and is not wanted, or cannot be. */
  readonly extra: readonly Body[];
  readonly missing: readonly Body[];
}

export function differenceOf(
  { content }: Belonging,
  groupId: string,
  wanted: readonly Body[],
  there: readonly Body[],
): Difference {
  const keyed = (bodies: readonly Body[]) => bodies.map((body) => [content(body, groupId), body] as const);
  const [ours, theirs] = [keyed(wanted), keyed(there)];
  const wantedKeys = new Set(ours.map(([key]) => key));
  const thereKeys = new Set(theirs.map(([key]) => key));
  return {
    extra: theirs.flatMap(([key, body]) => (key === undefined || !wantedKeys.has(key) ? [body] : [])),
    missing: ours.flatMap(([key, body]) => (key !== undefined && !thereKeys.has(key) ? [body] : [])),
  };
}
