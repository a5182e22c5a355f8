/** Nova's proxies for security groups, up to 2.35. A group is shown, and changed, at its home. */
import { bodyOf, isOk, withBody, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { tryJson } from '@cascade/openstack-protocol/server/body.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Body } from '../resources/kind.js';
import { refs } from '../resources/references.js';
import { createIn } from '../routing/create.js';
import { mergeLists } from '../routing/merge.js';
import { ownerOf } from '../routing/owner.js';
import { passToOwner } from '../routing/pass.js';
import { kindNamed, type World } from '../routing/world.js';
import { SiteUnreachable } from '../sites/site.js';

const until = { until: '2.35' } as const;
const one = '/os-security-groups/{security_group_id}';

export function securityGroupProxies(world: World): Route[] {
  const group = passToOwner(world, 'security_group', 'security_group_id', {
    shown: (_asked, response) => withShownRules(world, response),
  });
  return [
    route('GET /os-security-groups', 'reader', listGroups(world), until),
    route('POST /os-security-groups', 'member', createIn(world, 'security_group', { remember: false }), until),
    route(`GET ${one}`, 'reader', group, until),
    route(`PUT ${one}`, 'member', changing(world, group), until),
    route(`DELETE ${one}`, 'member', removing(world, group), until),
    route('POST /os-security-group-rules', 'member', createRule(world), until),
    route('DELETE /os-security-group-rules/{security_group_rule_id}', 'member', deleteRule(world), until),
  ];
}

function listGroups(world: World): Answer {
  const merged = mergeLists(world, 'security_groups', 'offset');
  return async (asked) => {
    const response = await merged(asked);
    const groups = groupsIn(response);
    if (!groups) return response;
    const shown = await withoutCopies(world, groups);
    return withBody(response, { security_groups: await asAtHome(world, asked, shown) });
  };
}

const groupsIn = (response: OpenStackResponse): Body[] | undefined =>
  isOk(response) ? (bodyOf(response) as { security_groups?: Body[] } | undefined)?.security_groups : undefined;

/** A list over all zones has one of each. */
async function withoutCopies(world: World, groups: readonly Body[]): Promise<Body[]> {
  const ids = groups.map((group) => String(group['id']));
  const rows = await world.database.many<{ id: string }>(
    // Copies whose alias is not written yet.
    `select id from resource where kind = 'security_group' and id = any($1) group by id having bool_and(is_copy)
     except select id from homed where kind = 'security_group'`,
    [ids],
  );
  const hidden = new Set(rows.map(({ id }) => id));
  return groups.filter((_group, at) => !hidden.has(ids[at]!) && ids.indexOf(ids[at]!) === at);
}

/** As their homes have them; where a home is silent, what is known from elsewhere. */
async function asAtHome(world: World, asked: Asked, groups: readonly Body[]): Promise<Body[]> {
  const homed = new Set(
    (
      await world.homed.among(
        'security_group',
        groups.map(({ id }) => String(id)),
      )
    ).map(({ id }) => id),
  );
  const shown = await Promise.all(
    groups.map(async (group) => {
      const id = String(group['id']);
      const home = homed.has(id) ? await world.homed.homeOf('security_group', id) : undefined;
      if (!home) return group;
      try {
        // (Nova has shown them so until 2.35.)
        const request = {
          service: 'compute',
          method: 'GET',
          path: `/os-security-groups/${id}`,
          microversion: '2.1',
        } as const;
        const response = await home.request(request, asked.caller);
        const body = bodyOf(response) as { security_group?: Body } | undefined;
        return isOk(response) && body?.security_group ? body.security_group : group;
      } catch (error) {
        if (!(error instanceof SiteUnreachable)) throw error;
        return group;
      }
    }),
  );
  return withoutHidden(world, shown);
}

async function withShownRules(world: World, response: OpenStackResponse): Promise<OpenStackResponse> {
  const group = isOk(response)
    ? (bodyOf(response) as { security_group?: Body } | undefined)?.security_group
    : undefined;
  if (!group) return response;
  const [shown] = await withoutHidden(world, [group]);
  return withBody(response, { security_group: shown });
}

/** Without the rules that let members in which are elsewhere, and without the description of a copy. */
async function withoutHidden(world: World, groups: readonly Body[]): Promise<Body[]> {
  const idsOf = (group: Body): string[] => ((group['rules'] ?? []) as Body[]).map((rule) => String(rule['id']));
  const rows = await world.database.many<{ id: string }>(
    `select id from resource where kind = 'security_group_rule' and id = any($1) and is_copy`,
    [groups.flatMap(idsOf)],
  );
  const hidden = new Set(rows.map(({ id }) => id));
  if (hidden.size === 0) return [...groups];
  return groups.map((group) => {
    const rules = (group['rules'] ?? []) as Body[];
    return { ...group, rules: rules.filter((rule) => !hidden.has(String(rule['id']))) };
  });
}

const groupIn = (asked: Asked): string => asked.params['security_group_id'] ?? '';

function changing(world: World, answer: Answer): Answer {
  return async (asked) => {
    const response = await answer(asked);
    if (isOk(response)) await world.homed.changed('security_group', groupIn(asked));
    return response;
  };
}

function removing(world: World, answer: Answer): Answer {
  return async (asked) => {
    const [group] = await world.homed.among('security_group', [groupIn(asked)]);
    const mayRemove = group && !group.isDefault && (asked.caller.isAdmin || asked.caller.projectId === group.projectId);
    return mayRemove ? world.homed.removing('security_group', group.id, () => answer(asked)) : answer(asked);
  };
}

function createRule(world: World): Answer {
  return async (given) => {
    const raw = await given.readBody();
    const asked = { ...given, readBody: async () => raw };
    const rule = (tryJson(raw) as { security_group_rule?: Body } | undefined)?.security_group_rule;
    const id = String(rule?.['parent_group_id']);
    const home = await world.homed.homeOf('security_group', id);
    const answer = createIn(world, 'security_group_rule', {
      references: refs('security_group', 'security_group_rule.parent_group_id', 'security_group_rule.group_id'),
      remember: false,
      takeZone: () => home?.name,
    });
    const response = await answer(asked);
    if (isOk(response)) await world.homed.changed('security_group', id);
    return response;
  };
}

function deleteRule(world: World): Answer {
  const pass = passToOwner(world, 'security_group_rule', 'security_group_rule_id');
  return async (asked) => {
    const kind = kindNamed(world, 'security_group_rule');
    const id = asked.params['security_group_rule_id'] ?? '';
    const owner = await ownerOf(world, asked, kind, id);
    const rule = owner?.row && (JSON.parse(owner.row.body) as Body);
    const mayTake = asked.caller.isAdmin || owner?.projectId === asked.caller.projectId;
    if (!rule || !mayTake) return pass(asked);
    return world.homed.narrowing('security_group', String(rule['security_group_id']), [id], () => pass(asked));
  };
}
