/** What is special about a project's security group `default`: it is one to tenants, and another one in each site. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { isOk, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import type { DefaultGroup } from '../routing/default-groups.js';
import { ownerOf } from '../routing/owner.js';
import type { GlobalNamed, ShadowMaker } from '../routing/shadows.js';
import { callSite } from '../routing/site-call.js';
import { kindNamed, type World } from '../routing/world.js';
import { SiteUnreachable } from '../sites/site.js';
import { noSuch } from './faults.js';

/** Kinds whose rows may be one site's part of a group that is shown elsewhere. */
const concerned = new Set(['security_group', 'security_group_rule', 'rbac_policy']);
/** The field of an item that names the group which it changes. */
const groupFields: Readonly<Record<string, string>> = {
  security_group_rule: 'security_group_id',
  rbac_policy: 'object_id',
};

/** To requests the group is global: it is in every zone, by the id that tenants know. Another project's is the site's to refuse. */
export const defaultGroupShadows = (world: World): ShadowMaker => ({
  kind: 'security_group',
  find: async (ids, { isAdmin, projectId: own }) => {
    const groups = await world.defaultGroups.among(ids);
    return new Map(
      groups.map(({ id, projectId }): [string, GlobalNamed] => {
        const ensure: GlobalNamed['ensure'] = async (site, caller) => {
          if (isAdmin || own === projectId) await world.defaultGroups.ready(site, caller, projectId);
          return id;
        };
        return [id, { body: { id, name: 'default', project_id: projectId }, ensure }];
      }),
    );
  },
});

/** The group that items of a create belong to; undefined where it is no project's default. */
export async function groupChangedBy(
  world: World,
  kind: string,
  items: readonly Record<string, unknown>[],
): Promise<DefaultGroup | undefined> {
  const field = groupFields[kind];
  const ids = field ? items.map((item) => item[field]).filter((id) => typeof id === 'string') : [];
  return ids.length === 0 ? undefined : (await world.defaultGroups.among(ids))[0];
}

/** The zone of the site whose rules are shown: what belongs to the group is made there first. */
export const shownIn = (world: World, group: DefaultGroup | undefined): string | undefined =>
  group?.siteId == null ? undefined : world.sites.byId(group.siteId)?.name;

/** Wraps what is done to one resource by its id: a part of another site's own group does not exist. */
export const unlessHidden =
  (world: World, kind: string, answer: Answer): Answer =>
  async (asked) => {
    if (concerned.has(kind)) await requireShown(world, kind, asked.params['id'] ?? '');
    return answer(asked);
  };

/** @throws Fault 404 in Neutron's words */
async function requireShown(world: World, kind: string, id: string): Promise<void> {
  const { hidden } = await world.database.one<{ hidden: boolean }>(
    `select exists (select 1 from resource where kind = $1 and id = $2 and is_copy)
        and not exists (select 1 from resource where kind = $1 and id = $2 and not is_copy)
      or $1 = 'security_group' and exists (
        select 1 from alias a join default_group d on d.id = a.id where a.site_resource_id = $2) as hidden`,
    [kind, id],
  );
  if (hidden) throw noSuch(kind, id);
}

/** A change of what belongs to one group: when it is answered, it holds in every zone that answers. */
export const changing =
  (world: World, kind: string, answer: Answer): Answer =>
  async (asked) => {
    if (!concerned.has(kind)) return answer(asked);
    const group = await groupOf(world, asked, kind);
    const response = await answer(asked);
    if (group && isOk(response)) await world.defaultGroups.changed(group);
    return response;
  };

async function groupOf(world: World, asked: Asked, kind: string): Promise<DefaultGroup | undefined> {
  const id = asked.params['id'] ?? '';
  if (kind === 'security_group') return (await world.defaultGroups.among([id]))[0];
  const owner = await ownerOf(world, asked, kindNamed(world, kind), id);
  return owner?.row && groupChangedBy(world, kind, [JSON.parse(owner.row.body) as Record<string, unknown>]);
}

/** @throws Fault 409 in Neutron's words where a port of any zone keeps the group from becoming stateless, or the opposite */
export async function requireStatefulKept(
  world: World,
  { params, caller }: Asked,
  items: readonly Record<string, unknown>[],
): Promise<void> {
  const wanted = items[0]?.['stateful'];
  if (wanted === undefined) return;
  const [group] = await world.defaultGroups.among([params['id'] ?? '']);
  if (!group || !(caller.isAdmin || caller.projectId === group.projectId)) return;
  const { used } = await world.database.one<{ used: boolean }>(
    `select exists (select 1 from resource g
                     where g.kind = 'security_group' and g.id = $1 and g.site_id = $2 and g.deleted_at is null
                       and g.facts->>'stateful' is distinct from $4)
        and exists (select 1 from resource p
                     where p.kind = 'port' and p.project_id = $3 and p.deleted_at is null
                       and p.facts->'security_groups' @> to_jsonb(array[$1])) as used`,
    [group.id, group.siteId, group.projectId, String(wanted)],
  );
  if (used) throw new Fault('conflict', `Security Group ${group.id} in use.`, { type: 'SecurityGroupInUse' });
}

/** `DELETE` of a project's group, which administrators may: of every site's, the shown one last. */
export const removingGroup =
  (world: World, answer: Answer): Answer =>
  async (asked) => {
    const [group] = await world.defaultGroups.among([asked.params['id'] ?? '']);
    if (!group || !asked.caller.isAdmin) return answer(asked);
    const others = group.sites.filter(({ siteId }) => siteId !== group.siteId).map(({ siteId }) => siteId);
    for (const siteId of others) {
      const refusal = await removeAt(world, asked, siteId);
      if (refusal) return refusal;
    }
    const response = await answer(asked);
    if (isOk(response)) await world.defaultGroups.removed(group);
    return response;
  };

/** @returns the site's refusal; undefined where it is gone there @throws SiteUnreachable */
async function removeAt(world: World, asked: Asked, siteId: number): Promise<OpenStackResponse | undefined> {
  const site = world.sites.byId(siteId);
  if (!site) return undefined;
  if (!site.health('network').reachable) throw new SiteUnreachable(site.name, true, 'it has a group of this project');
  const response = await callSite(asked, site);
  if (!isOk(response) && response.status !== 404) return response;
  await world.inventory.forget('security_group', site, [asked.params['id'] ?? ''], new Date());
  return undefined;
}
