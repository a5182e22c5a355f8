/**
 * What is special about security groups and address groups, their rules and policies: each is one to tenants, and may have a
 * copy in every site. See docs/decisions/0031.
 */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { bodyOf, isOk, withBody, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { isMarked } from '../homed/marks.js';
import type { Body } from '../resources/kind.js';
import type { Homed } from '../routing/homed.js';
import { askAsAdmin } from '../routing/ask-as-admin.js';
import { ownerOf } from '../routing/owner.js';
import { kindNamed, type World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import { invalidInput, noSuch } from './faults.js';
import { addressIn } from './security-groups/address-group-kind.js';

type Item = Record<string, unknown>;

/** Kinds whose rows may be a copy, or belong to one. */
const concerned = new Set(['security_group', 'security_group_rule', 'rbac_policy', 'address_group']);
export const isConcerned = (kind: string): boolean => concerned.has(kind);

/** What an item belongs to, and is changed by it. */
function holderOf(kind: string, item: Item): { kind: string; id: string } | undefined {
  const type = kind === 'security_group_rule' ? 'security_group' : item['object_type'];
  const id = kind === 'security_group_rule' ? item['security_group_id'] : item['object_id'];
  const isHeld =
    kind === 'security_group_rule' ||
    (kind === 'rbac_policy' && (type === 'security_group' || type === 'address_group'));
  return isHeld && typeof id === 'string' ? { kind: String(type), id } : undefined;
}

/** The zone of the home of what the items of a create belong to: there they are made first. */
export async function homeZoneOf(world: World, kind: string, items: readonly Item[]): Promise<string | undefined> {
  const holder = items[0] && holderOf(kind, items[0]);
  return holder && (await world.homed.homeOf(holder.kind, holder.id))?.name;
}

/** What the items of a create belong to follows them. */
export async function createdIn(world: World, kind: string, items: readonly Item[]): Promise<void> {
  const holders = items.flatMap((item) => holderOf(kind, item) ?? []);
  for (const id of new Set(holders.map((one) => one.id))) await world.homed.changed(holders[0]!.kind, id);
}

/** @throws Fault 400 for a description that only the cascade writes */
export function refuseMarks(kind: string, items: readonly Item[]): void {
  if (!concerned.has(kind) || !items.some(({ description }) => isMarked(description))) return;
  throw invalidInput('This description is reserved for copies in other availability zones');
}

/** Wraps what is done to one resource by its id: a copy, or what belongs to one, does not exist. */
export const unlessHidden =
  (world: World, kind: string, answer: Answer): Answer =>
  async (asked) => {
    if (!concerned.has(kind)) return answer(asked);
    const id = asked.params['id'] ?? '';
    await requireShown(world, kind, id);
    const response = await answer(asked);
    return isOk(response) ? withoutHidden(response, kind, id) : response;
  };

/** @throws Fault 404 in Neutron's words */
async function requireShown(world: World, kind: string, id: string): Promise<void> {
  const { hidden } = await world.database.one<{ hidden: boolean }>(
    `select exists (select 1 from resource where kind = $1 and id = $2 and is_copy)
        and not exists (select 1 from resource where kind = $1 and id = $2 and not is_copy)
        and not exists (select 1 from homed where kind = $1 and id = $2)
      or $1 in ('security_group', 'address_group') and exists (
        select 1 from alias a join homed h on h.id = a.id where a.site_resource_id = $2) as hidden`,
    [kind, id],
  );
  if (hidden) throw noSuch(kind, id);
}

/** Without the rules that let members in which are elsewhere. @throws Fault 404 for one of those */
function withoutHidden(response: OpenStackResponse, kind: string, id: string): OpenStackResponse {
  const body = bodyOf(response);
  const one = isObject(body) ? body[kind] : undefined;
  if (!isObject(one)) return response;
  if (isMarked(one['description'])) throw noSuch(kind, id);
  const shown = withoutHiddenRules(one);
  return shown === one ? response : withBody(response, { [kind]: shown });
}

/** A security group as its tenants see it. */
export function withoutHiddenRules(group: Body): Body {
  const rules = group['security_group_rules'];
  if (!Array.isArray(rules)) return group;
  const shown = (rules as Body[]).filter(({ description }) => !isMarked(description));
  return shown.length === rules.length ? group : { ...group, security_group_rules: shown };
}

/** A change of something homed, or of what belongs to it: when it is answered, it holds in every zone that answers. */
export const changing =
  (world: World, kind: string, answer: Answer): Answer =>
  async (asked) => {
    const holder = await heldBy(world, asked, kind);
    const response = await answer(asked);
    if (holder && isOk(response)) await world.homed.changed(holder.kind, holder.id);
    return response;
  };

/** A deletion of what belongs to something homed: the other zones lose it first, so that none is ever wider than its home. */
export const taking =
  (world: World, kind: string, answer: Answer): Answer =>
  async (asked) => {
    const holder = await heldBy(world, asked, kind);
    const id = asked.params['id'] ?? '';
    return holder ? world.homed.narrowing(holder.kind, holder.id, [id], () => answer(asked)) : answer(asked);
  };

/** `PUT /address-groups/{id}/remove_addresses` likewise. */
export const takingAddresses =
  (world: World, answer: Answer): Answer =>
  async (given) => {
    const raw = await given.readBody();
    const asked = { ...given, readBody: () => Promise.resolve(raw) };
    const body = tryJson(raw);
    const taken = isObject(body) && Array.isArray(body['addresses']) ? body['addresses'].map(String) : [];
    const holder = await heldBy(world, asked, 'address_group');
    if (!holder) return answer(asked);
    // An address alone is kept as a prefix of full length.
    const names = taken.flatMap((one) => [one, `${one}/${one.includes(':') ? 128 : 32}`]);
    return world.homed.narrowing(
      holder.kind,
      holder.id,
      names.map((one) => addressIn(holder.id, one)),
      () => answer(asked),
    );
  };

/** What a request is about, or what that belongs to; undefined where the caller has no say in it. */
async function heldBy(world: World, asked: Asked, kind: string): Promise<{ kind: string; id: string } | undefined> {
  if (!concerned.has(kind)) return undefined;
  const id = asked.params['id'] ?? '';
  const owner = await ownerOf(world, asked, kindNamed(world, kind), id);
  if (!owner || !(asked.caller.isAdmin || owner.projectId === asked.caller.projectId)) return undefined;
  if (kind === 'security_group' || kind === 'address_group') return { kind, id };
  return owner.row && holderOf(kind, JSON.parse(owner.row.body) as Item);
}

/** @throws Fault 409 in Neutron's words where a port of any zone keeps the group from becoming stateless, or the opposite */
export async function requireStatefulKept(
  world: World,
  { params, caller }: Asked,
  items: readonly Item[],
): Promise<void> {
  const wanted = items[0]?.['stateful'];
  if (wanted === undefined) return;
  const [group] = await world.homed.among('security_group', [params['id'] ?? '']);
  if (!group || !(caller.isAdmin || caller.projectId === group.projectId)) return;
  const { used } = await world.database.one<{ used: boolean }>(
    `select exists (select 1 from resource g
                     where g.kind = 'security_group' and g.id = $1 and g.site_id = $2 and g.deleted_at is null
                       and g.facts->>'stateful' is distinct from $3)
        and exists (select 1 from resource p
                     where p.kind = 'port' and p.deleted_at is null
                       and p.facts->'security_groups' @> to_jsonb(array[$1])) as used`,
    [group.id, group.homeId, String(wanted)],
  );
  if (used) throw new Fault('conflict', `Security Group ${group.id} in use.`, { type: 'SecurityGroupInUse' });
}

/** `DELETE` of what may have copies: those go first, so that a zone where it is in use refuses it. */
export const removing =
  (world: World, kind: string, answer: Answer): Answer =>
  async (asked) => {
    const [thing] = await world.homed.among(kind, [asked.params['id'] ?? '']);
    if (!thing || !mayRemove(asked, thing)) return answer(asked);
    const response = await world.homed.removing(kind, thing.id, () => answer(asked));
    if (isOk(response) && thing.isDefault) world.defaultGroups.removed(thing);
    return response;
  };

/** A project's group `default` is an administrator's to delete. */
const mayRemove = ({ caller }: Asked, { isDefault, projectId }: Homed): boolean =>
  caller.isAdmin || (!isDefault && caller.projectId === projectId);

/**
 * A rule that a tenant writes may say what one of ours says already, which lets a member in that is elsewhere. Ours goes, and
 * the tenant's is made.
 */
export async function makesWay(world: World, site: Site, response: OpenStackResponse): Promise<boolean> {
  if (response.status !== 409) return false;
  const fault = (bodyOf(response) as { NeutronError?: { type?: string; message?: string } } | undefined)?.NeutronError;
  if (fault?.type !== 'SecurityGroupRuleExists') return false;
  const id = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/.exec(fault.message ?? '')?.[0];
  if (id === undefined) return false;
  const path = `/security-group-rules/${id}`;
  const { status, body } = await askAsAdmin(site, 'network', 'GET', path);
  if (status !== 200 || !isMarked((body['security_group_rule'] as Body)['description'])) return false;
  const askedAt = new Date();
  const removed = await askAsAdmin(site, 'network', 'DELETE', path);
  if (removed.status >= 300) return false;
  await world.inventory.forget('security_group_rule', site, [id], askedAt);
  return true;
}
