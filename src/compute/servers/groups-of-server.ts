/**
 * `GET /servers/{server_id}/os-security-groups`: Nova tells what its own site has of a group. What tenants know is what its home
 * has. @see openstack/nova:nova/network/security_group_api.py _convert_to_nova_security_group_rule_format,
 * nova/api/openstack/compute/security_groups.py _format_security_group
 */
import { bodyOf, isOk, withBody } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { isMarked } from '../../homed/marks.js';
import type { Body } from '../../resources/kind.js';
import { passToOwner } from '../../routing/pass.js';
import type { World } from '../../routing/world.js';
import { SiteUnreachable } from '../../sites/site.js';

export function groupsOfServer(world: World): Answer {
  return passToOwner(world, 'server', 'server_id', {
    shown: async (asked, response) => {
      const groups = isOk(response) ? (bodyOf(response) as { security_groups?: Body[] }).security_groups : undefined;
      if (!groups) return response;
      const ids = groups.map((group) => String(group['id']));
      const homed = new Set((await world.homed.among('security_group', ids)).map(({ id }) => id));
      const shown = groups.map(async (group) =>
        homed.has(String(group['id'])) ? asAtHome(world, asked, group) : group,
      );
      return withBody(response, { security_groups: await Promise.all(shown) });
    },
  });
}

/** Where its home is silent, or does not tell, without the rules: what the site has of them has other ids. */
async function asAtHome(world: World, { caller }: Asked, group: Body): Promise<Body> {
  const id = String(group['id']);
  const home = await world.homed.homeOf('security_group', id);
  try {
    const response = await home?.request({ service: 'network', method: 'GET', path: `/security-groups/${id}` }, caller);
    const body = response && isOk(response) ? (bodyOf(response) as { security_group?: Body }) : undefined;
    if (body?.security_group) return await inNovasForm(world, body.security_group);
  } catch (error) {
    if (!(error instanceof SiteUnreachable)) throw error;
  }
  return { ...group, description: isMarked(group['description']) ? '' : group['description'], rules: [] };
}

async function inNovasForm(world: World, group: Body): Promise<Body> {
  const rules = ((group['security_group_rules'] ?? []) as Body[]).filter(
    (rule) => rule['direction'] === 'ingress' && !isMarked(rule['description']),
  );
  const sources = await world.database.many<{ id: string; name: string; tenant_id: string }>(
    `select id, facts->>'name' as name, project_id as tenant_id from resource
      where kind = 'security_group' and id = any($1) and deleted_at is null and not is_copy`,
    [rules.flatMap((rule) => (typeof rule['remote_group_id'] === 'string' ? [rule['remote_group_id']] : []))],
  );
  const { id, name, description, tenant_id, project_id } = group;
  return {
    id,
    name,
    description,
    tenant_id: tenant_id ?? project_id,
    rules: rules.flatMap((rule) => {
      const source = sources.find((one) => one.id === rule['remote_group_id']);
      if (rule['remote_group_id'] && !source) return [];
      return [ruleInNovasForm(rule, source && { name: source.name, tenant_id: source.tenant_id })];
    }),
  };
}

function ruleInNovasForm(rule: Body, source: Body | undefined): Body {
  const { protocol, port_range_min: least, port_range_max: most } = rule;
  const isWhole = typeof protocol === 'string' && least == null && most == null;
  const [first, last] = /^(tcp|udp)$/i.test(String(protocol)) ? [1, 65_535] : [-1, -1];
  return {
    id: rule['id'],
    parent_group_id: rule['security_group_id'],
    ip_protocol: protocol ?? null,
    from_port: isWhole ? first : (least ?? null),
    to_port: isWhole ? last : (most ?? null),
    group: source ?? {},
    ip_range: source ? {} : { cidr: rule['remote_ip_prefix'] ?? '0.0.0.0/0' },
  };
}
