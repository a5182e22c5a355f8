/**
 * A security group that was made in a zone whose Neutron does not know the rules that an administrator has set for new ones: the
 * cascade gives it those that it would have in the other zones.
 */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, isOk, withBody, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { canHold } from '../../globals/global-kind.js';
import type { Body } from '../../resources/kind.js';
import { askAsAdmin, faultWords } from '../../routing/ask-as-admin.js';
import { callSite } from '../../routing/site-call.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import type { Collection } from '../collection.js';
import { differenceOf, rules } from '../default-groups/belongings.js';
import { itemsOf } from '../items.js';
import { firstRules, parentGroup } from './first-rules.js';

/**
 * @returns the response to a create, with what the groups have now
 * @throws Fault 409 where the zone refuses that; then there is no such group
 */
export async function asInNewerZones(
  world: World,
  asked: Asked,
  { response, site, collection }: { response: OpenStackResponse; site: Site; collection: Collection },
): Promise<OpenStackResponse> {
  if (canHold(firstRules, site)) return response;
  const held = (await world.globals.list(firstRules.kind)).map(({ body }) => body);
  // Nobody has them: there is no zone that is newer.
  if (held.length === 0) return response;
  const wanted = held.filter((body) => body['used_in_non_default_sg'] === true);
  const made = itemsOf(bodyOf(response), collection);
  const changes = made.flatMap((group) => changesOf(group, wanted));
  for (const [method, path, body] of changes) {
    const answer = await askAsAdmin(site, 'network', method, path, body ? { body } : {});
    if (answer.status < 300 || answer.status === 404) continue;
    for (const { id } of made) await askAsAdmin(site, 'network', 'DELETE', `/security-groups/${String(id)}`);
    const words = `Availability zone ${site.name} refused the rules that new security groups begin with: ${faultWords(answer.body)}`;
    throw new Fault('conflict', words, { type: 'Conflict' });
  }
  return changes.length > 0 ? reread(asked, site, response, collection) : response;
}

type Change = readonly [method: string, path: string, body?: Body];

/** What is too much goes before what is missing comes. */
function changesOf(group: Body, wanted: readonly Body[]): Change[] {
  const id = String(group['id']);
  const own = wanted.map((body) => ({ ...body, remote_group_id: body['remote_group_id'] === parentGroup ? id : null }));
  const { extra, missing } = differenceOf(rules, id, own, (group['security_group_rules'] ?? []) as Body[]);
  const owner = { security_group_id: id, tenant_id: group['tenant_id'] ?? group['project_id'] };
  // Those that a Neutron makes by itself have no description either.
  const fields = rules.fields.filter((name) => name !== 'description');
  return [
    ...extra.map((rule): Change => ['DELETE', `/security-group-rules/${String(rule['id'])}`]),
    ...missing.map((rule): Change => {
      const body = { ...Object.fromEntries(fields.map((name) => [name, rule[name]])), ...owner };
      return ['POST', '/security-group-rules', { security_group_rule: body }];
    }),
  ];
}

async function reread(asked: Asked, site: Site, response: OpenStackResponse, collection: Collection) {
  const { key, keys, path } = collection;
  const bodies: unknown[] = [];
  for (const { id } of itemsOf(bodyOf(response), collection)) {
    const now = await callSite({ ...asked, method: 'GET' }, site, { path: `${path}/${String(id)}`, query: '' });
    bodies.push(isOk(now) ? (bodyOf(now) as Body)[key] : undefined);
  }
  const isMany = Array.isArray((bodyOf(response) as Body)[keys]);
  if (bodies.includes(undefined)) return response;
  return withBody(response, isMany ? { [keys]: bodies } : { [key]: bodies[0] });
}
