/**
 * A security group that was made in a zone whose Neutron does not know what is set for new ones: the cascade gives it the rules
 * that it would have in the other zones, and makes it stateless where it would be that.
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
import { differenceOf, fieldsOf, rules } from '../security-groups/belongings.js';
import { itemsOf } from '../items.js';
import { firstRules, parentGroup } from './first-rules.js';
import { isStatefulByDefault, statefulness } from './statefulness.js';

/**
 * @returns the response to a create, with what the groups have now
 * @throws Fault 409 where the zone refuses that; then there is no such group
 */
export async function asInNewerZones(
  world: World,
  asked: Asked,
  { response, site, collection, items }: Created,
): Promise<OpenStackResponse> {
  const made = itemsOf(bodyOf(response), collection);
  const wanted = canHold(firstRules, site) ? undefined : await rulesOfNewGroups(world, 'used_in_non_default_sg');
  const changes = [
    ...(wanted ? made.flatMap((group) => changesOf(group, wanted)) : []),
    ...(canHold(statefulness, site) ? [] : await statelessOnes(world, made, items)),
  ];
  for (const [method, path, body] of changes) {
    const answer = await askAsAdmin(site, 'network', method, path, body ? { body } : {});
    if (answer.status < 300 || answer.status === 404) continue;
    for (const { id } of made) await askAsAdmin(site, 'network', 'DELETE', `/security-groups/${String(id)}`);
    const words = `Availability zone ${site.name} refused what new security groups begin with: ${faultWords(answer.body)}`;
    throw new Fault('conflict', words, { type: 'Conflict' });
  }
  return changes.length > 0 ? reread(asked, site, response, collection) : response;
}

interface Created {
  readonly response: OpenStackResponse;
  readonly site: Site;
  readonly collection: Collection;
  /** What was asked for, in the order of what was made. */
  readonly items: readonly Body[];
}

/** What new groups begin with in newer zones; undefined where no zone has ever been newer. */
export async function rulesOfNewGroups(
  world: Pick<World, 'globals'>,
  use: 'used_in_default_sg' | 'used_in_non_default_sg',
): Promise<Body[] | undefined> {
  const held = (await world.globals.list(firstRules.kind)).map(({ body }) => body);
  const isKnown = held.length > 0 || (await world.globals.listGone(firstRules.kind)).length > 0;
  return isKnown ? held.filter((body) => body[use] === true) : undefined;
}

/** A zone that does not show whether a group is stateful has stateful ones alone. */
async function statelessOnes(world: World, made: readonly Body[], items: readonly Body[]): Promise<Change[]> {
  const changes: Change[] = [];
  for (const [at, group] of made.entries()) {
    if (items[at]?.['stateful'] !== undefined || group['stateful'] !== true) continue;
    if ((await isStatefulByDefault(world, String(group['project_id'] ?? group['tenant_id']))) !== false) continue;
    changes.push(['PUT', `/security-groups/${String(group['id'])}`, { security_group: { stateful: false } }]);
  }
  return changes;
}

type Change = readonly [method: string, path: string, body?: Body];

/** A rule that a group begins with. Those that a Neutron makes by itself have no description either. */
export const ofGroup = (body: Body, id: string): Body => ({
  ...body,
  remote_group_id: body['remote_group_id'] === parentGroup ? id : null,
  description: null,
});

/** What is too much goes before what is missing comes. */
function changesOf(group: Body, wanted: readonly Body[]): Change[] {
  const id = String(group['id']);
  const own = wanted.map((body) => ofGroup(body, id));
  const { extra, missing } = differenceOf(rules, id, own, (group['security_group_rules'] ?? []) as Body[]);
  const owner = { security_group_id: id, tenant_id: group['tenant_id'] ?? group['project_id'] };
  return [
    ...extra.map((rule): Change => ['DELETE', `/security-group-rules/${String(rule['id'])}`]),
    ...missing.map((rule): Change => {
      return ['POST', '/security-group-rules', { security_group_rule: { ...fieldsOf(rules, rule), ...owner } }];
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
