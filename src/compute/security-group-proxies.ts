/** Nova's proxies for security groups, up to 2.35. A project's group `default` is shown, and changed, where its rules are shown. */
import { bodyOf, isOk, withBody } from '@cascade/openstack-protocol/message.js';
import { tryJson } from '@cascade/openstack-protocol/server/body.js';
import { route, type Answer, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Body } from '../resources/kind.js';
import { refs } from '../resources/references.js';
import { createIn } from '../routing/create.js';
import { mergeLists } from '../routing/merge.js';
import { ownerOf } from '../routing/owner.js';
import { passToOwner } from '../routing/pass.js';
import { callSite } from '../routing/site-call.js';
import { kindNamed, type World } from '../routing/world.js';
import { SiteUnreachable } from '../sites/site.js';

const until = { until: '2.35' } as const;
const one = '/os-security-groups/{security_group_id}';

export function securityGroupProxies(world: World): Route[] {
  const group = passToOwner(world, 'security_group', 'security_group_id');
  return [
    route('GET /os-security-groups', 'reader', listGroups(world), until),
    route('POST /os-security-groups', 'member', createIn(world, 'security_group', { remember: false }), until),
    route(`GET ${one}`, 'reader', group, until),
    route(`PUT ${one}`, 'member', group, until),
    route(`DELETE ${one}`, 'member', group, until),
    route('POST /os-security-group-rules', 'member', createRule(world), until),
    route('DELETE /os-security-group-rules/{security_group_rule_id}', 'member', deleteRule(world), until),
  ];
}

function listGroups(world: World): Answer {
  const merged = mergeLists(world, 'security_groups', 'offset');
  return async (asked) => {
    const response = await merged(asked);
    const groups = (bodyOf(response) as { security_groups?: Body[] } | undefined)?.security_groups;
    if (!isOk(response) || !groups) return response;
    for (const { id, siteId } of await world.defaultGroups.among(groups.map((group) => String(group['id'])))) {
      const site = siteId === null ? undefined : world.sites.byId(siteId);
      if (!site) continue;
      try {
        const shown = await callSite(asked, site, { path: `/os-security-groups/${id}`, query: '' });
        const body = bodyOf(shown) as { security_group?: Body } | undefined;
        const at = groups.findIndex((group) => group['id'] === id);
        if (isOk(shown) && body?.security_group) groups[at] = body.security_group;
      } catch (error) {
        if (!(error instanceof SiteUnreachable)) throw error; // another site's is shown meanwhile
      }
    }
    return withBody(response, { security_groups: groups });
  };
}

function createRule(world: World): Answer {
  return async (given) => {
    const raw = await given.readBody();
    const asked = { ...given, readBody: async () => raw };
    const rule = (tryJson(raw) as { security_group_rule?: Body } | undefined)?.security_group_rule;
    const [group] = await world.defaultGroups.among([String(rule?.['parent_group_id'])]);
    const answer = createIn(world, 'security_group_rule', {
      references: refs('security_group', 'security_group_rule.parent_group_id', 'security_group_rule.group_id'),
      remember: false,
      takeZone: () => (group?.siteId == null ? undefined : world.sites.byId(group.siteId)?.name),
    });
    const response = await answer(asked);
    if (group && isOk(response)) await world.defaultGroups.changed(group);
    return response;
  };
}

function deleteRule(world: World): Answer {
  const pass = passToOwner(world, 'security_group_rule', 'security_group_rule_id');
  return async (asked) => {
    const kind = kindNamed(world, 'security_group_rule');
    const owner = await ownerOf(world, asked, kind, asked.params['security_group_rule_id'] ?? '');
    const rule = owner?.row && (JSON.parse(owner.row.body) as Body);
    const [group] = rule ? await world.defaultGroups.among([String(rule['security_group_id'])]) : [];
    const response = await pass(asked);
    if (group && isOk(response)) await world.defaultGroups.changed(group);
    return response;
  };
}
