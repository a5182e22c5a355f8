/**
 * The rules that new security groups begin with, which administrators set. What is set through the cascade holds in every zone;
 * what a zone had before is its own. @see openstack/neutron:neutron/extensions/security_groups_default_rules.py
 */
import { ask, isSame, must, type GlobalKind } from '../../globals/global-kind.js';
import type { Body } from '../../resources/kind.js';
import type { Site } from '../../sites/site.js';
import { letThrough } from '../security-groups/belongings.js';

export const firstRulesPath = '/default-security-group-rules';
const [key, keys] = ['default_security_group_rule', 'default_security_group_rules'];

/** In place of the id of a rule's other end: the group itself. */
export const parentGroup = 'PARENT';

const said = [...letThrough, 'remote_group_id', 'used_in_default_sg', 'used_in_non_default_sg'];

const pick = (body: Body, fields: readonly string[]): Body =>
  Object.fromEntries(fields.map((field) => [field, body[field] ?? null]));
const whole = (body: Body): Body => pick(body, [...said, 'description']);

/** What a rule names that is of one zone, where nothing else can hold it; undefined for one that can hold in all. */
export function boundTo({ remote_group_id: group, remote_address_group_id: addresses }: Body): string | undefined {
  if (addresses) return 'remote_address_group_id: an address group is';
  return group && group !== parentGroup ? `remote_group_id: a security group other than ${parentGroup} is` : undefined;
}

const heldBy = (site: Site): boolean => site.capabilities.networkExtensions.includes('security-groups-default-rules');
const of = (id: string): string => `${firstRulesPath}/${encodeURIComponent(id)}`;

export const firstRules: GlobalKind = {
  kind: key,
  service: 'network',
  ids: 'own',
  presence: 'as written',
  heldBy,
  listRounds: 4,
  sameness: ({ body }) => JSON.stringify(pick(body, said)),
  list: async (site) => {
    const all = ((await ask(site, 'network', 'GET', firstRulesPath))?.[keys] ?? []) as Body[];
    const free = all.filter((body) => boundTo(body) === undefined);
    return free.map((body) => ({ id: String(body['id']), body: whole(body), isWhole: true }));
  },
  read: async (site, id) => {
    const body = (await ask(site, 'network', 'GET', of(id)))?.[key] as Body | undefined;
    return body && whole(body);
  },
  create: async (site, { body }) => {
    const made = (await must(site, 'network', 'POST', firstRulesPath, { body: { [key]: body } }))[key] as Body;
    return { id: String(made['id']), made: whole(made) };
  },
  // Neutron changes none of them.
  mustReplace: (from, to) => !isSame(from, to),
  update: () => Promise.resolve(),
  remove: async (site, id) => void (await ask(site, 'network', 'DELETE', of(id))),
};
