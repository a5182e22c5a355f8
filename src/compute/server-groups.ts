/** Server groups: global; a site gets a group of its own when its first member is made there. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, isOk, json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { checkServerGroupQuery } from '@cascade/openstack-protocol/compute/nova-queries.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { tryToConverge } from '../globals/converge.js';
import { ensureRowAt } from '../globals/ensure.js';
import { ask, must, SiteRefused, type Found, type GlobalKind } from '../globals/global-kind.js';
import { writeGlobal } from '../globals/write.js';
import type { GlobalRow } from '../resources/global.js';
import type { Body } from '../resources/kind.js';
import { faultWords } from '../routing/ask-as-admin.js';
import { pageLimit } from '../routing/paging.js';
import { findEach, type ShadowMaker } from '../routing/shadows.js';
import type { World } from '../routing/world.js';
import { SiteUnreachable, speaks, type Site } from '../sites/site.js';

const microversion = '2.64';
const pageSize = 1000;
const of = (id: string): string => `/os-server-groups/${encodeURIComponent(id)}`;

/** A group without its members, of which each site has its own. */
function canonical(group: Body): Body {
  const { name, rules, user_id, project_id } = group;
  // Before 2.64 there is a list with one in it.
  const policy = group['policy'] ?? (group['policies'] as unknown[] | undefined)?.[0];
  return { name, policy, rules: rules ?? {}, user_id, project_id };
}

const found = (group: Body): Found => ({ id: String(group['id']), body: canonical(group), isWhole: true });

/** Groups of one name and one policy in one project are one group of the cascade. */
export const serverGroups: GlobalKind = {
  kind: 'server_group',
  service: 'compute',
  ids: 'own',
  presence: 'on demand',
  listRounds: 10,
  list: async (site) => {
    const groups: Body[] = [];
    for (;;) {
      const query = `all_projects=1&limit=${pageSize}&offset=${groups.length}`;
      const body = await must(site, 'compute', 'GET', '/os-server-groups', { microversion, query });
      const page = (body['server_groups'] ?? []) as Body[];
      groups.push(...page);
      if (page.length < pageSize) return groups.map(found);
    }
  },
  sameness: ({ body: { name, policy, project_id } }) => JSON.stringify([name, policy, project_id]),
  ownerOf: ({ project_id: projectId }) => (projectId === undefined ? null : String(projectId)),
  read: async (site, id) => {
    const group = (await ask(site, 'compute', 'GET', of(id), { microversion }))?.['server_group'] as Body | undefined;
    return group && canonical(group);
  },
  // On behalf of the tenant: Nova makes groups in the caller's own project alone.
  create: async (site, { body }, principal) => {
    if (!principal) throw new Error('a server group is made for a request that names it');
    const response = await site.request(
      {
        service: 'compute',
        method: 'POST',
        path: '/os-server-groups',
        microversion,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify({ server_group: wantedAt(site, body) })),
      },
      principal,
    );
    const made = (bodyOf(response) ?? {}) as Body;
    if (!isOk(response)) throw new SiteRefused(site, response.status, faultWords(made));
    return { id: String((made['server_group'] as Body)['id']), made: body };
  },
  update: () => Promise.resolve(), // nothing of a group can be changed
  remove: async (site, id) => void (await ask(site, 'compute', 'DELETE', of(id))),
};

/** A group as the site's own schema has it: before 2.64 there is a list with one policy in it, and no rules. @throws Fault 409 */
function wantedAt(site: Site, { name, policy, rules }: Body): Body {
  const hasRules = policy === 'anti-affinity' && Object.keys(rules ?? {}).length > 0;
  if (speaks(site, 'compute', microversion)) return { name, policy, ...(hasRules ? { rules } : {}) };
  if (!hasRules) return { name, policies: [policy] };
  const words = `Availability zone ${site.name} has no rules of server groups: its Nova is older than microversion ${microversion}.`;
  throw new Fault('conflict', words);
}

/** The speaker's group is the first shadow, and its id becomes the cascade's. */
export const createServerGroup = (world: World): Answer =>
  writeGlobal(world, {
    service: 'compute',
    lock: () => serverGroups.kind,
    admits: serverGroups.kind,
    changed: ({ caller }, response) => {
      const made = (bodyOf(response) as { server_group?: Body } | undefined)?.server_group;
      if (!made) return [];
      const owned = { ...made, user_id: caller.userId, project_id: caller.projectId };
      return [
        { kind: serverGroups, id: String(made['id']), ownerId: caller.projectId ?? null, body: canonical(owned) },
      ];
    },
  });

export function listServerGroups(world: World): Answer {
  return async (asked) => {
    checkServerGroupQuery(asked);
    const all = asked.caller.isAdmin && asked.query.has('all_projects');
    const rows = await world.globals.list(serverGroups.kind, all ? undefined : (asked.caller.projectId ?? ''));
    const from = Number(asked.query.get('offset') ?? 0);
    const page = rows.slice(from, from + pageLimit(asked));
    return json(200, { server_groups: await Promise.all(page.map((row) => view(world, asked, row))) });
  };
}

export function showServerGroup(world: World): Answer {
  return async (asked) => json(200, { server_group: await view(world, asked, await visible(world, asked)) });
}

/** Every site forgets its own; no site needs to answer. */
export function deleteServerGroup(world: World): Answer {
  return async (asked) => {
    const { id } = await visible(world, asked);
    await world.globals.remove(serverGroups.kind, id);
    const shadows = await world.globals.shadows(serverGroups.kind, id);
    const sites = shadows.flatMap((shadow) => world.sites.byId(shadow.site_id) ?? []);
    await Promise.all(sites.map((site) => tryToConverge({ world, kind: serverGroups, site }, id)));
    return noContent(204);
  };
}

async function visible(world: World, asked: Asked): Promise<GlobalRow> {
  const id = asked.params['server_group_id'] ?? '';
  const row = await world.globals.find(serverGroups.kind, id);
  if (!row || (row.owner_id !== asked.caller.projectId && !asked.caller.isAdmin)) {
    throw new Fault('not-found', `Instance group ${id} could not be found.`);
  }
  return row;
}

/** A group with the members that the sites' own groups have. */
async function view(world: World, asked: Asked, row: GlobalRow): Promise<Body> {
  const members: string[] = [];
  for (const shadow of await world.globals.shadows(serverGroups.kind, row.id)) {
    const site = world.sites.byId(shadow.site_id);
    if (!site?.health('compute').reachable || shadow.making_since !== null) continue;
    members.push(...(await membersAt(site, row.id)));
  }
  const { policy, rules, name, user_id, project_id } = row.body;
  const owner = atLeast(asked.microversion, '2.13') ? { user_id, project_id } : {};
  return atLeast(asked.microversion, '2.64')
    ? { id: row.id, name, policy, rules: rules ?? {}, members, ...owner }
    : { id: row.id, name, policies: [policy], metadata: {}, members, ...owner };
}

async function membersAt(site: Site, id: string): Promise<string[]> {
  const body = await ask(site, 'compute', 'GET', of(id)).catch((error: unknown) => {
    // One late answer takes no members out of a group.
    if (error instanceof SiteUnreachable && !error.isDown) throw error;
    return undefined;
  });
  return ((body?.['server_group'] as Body | undefined)?.['members'] ?? []) as string[];
}

export const serverGroupShadows = (world: World): ShadowMaker => ({
  kind: serverGroups.kind,
  find: (names) =>
    findEach(names, async (id) => {
      const row = await world.globals.find(serverGroups.kind, id);
      if (!row) return undefined;
      return {
        body: row.body,
        ensure: (site, caller) =>
          ensureRowAt({ world, kind: serverGroups, site, principal: caller }, row).then(() => id),
      };
    }),
});
