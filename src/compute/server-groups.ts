/** Server groups: global; a site gets a group of its own when its first member is made there. */
import type { Caller } from '../openstack/caller.js';
import { Fault } from '../openstack/faults.js';
import { bodyOf, isOk, json, noContent } from '../openstack/message.js';
import { atLeast } from '../openstack/microversion.js';
import type { Answer, Asked } from '../openstack/route.js';
import type { GlobalRow } from '../resources/global.js';
import type { Body } from '../resources/kind.js';
import { alone } from '../routing/alone.js';
import { pageLimit } from '../routing/paging.js';
import { callSite } from '../routing/site-call.js';
import type { ShadowMaker } from '../routing/shadows.js';
import { askAsAdmin, faultWords, speaker } from '../routing/speaker.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import { adoptServerGroups } from './adopt-server-groups.js';

const kind = 'server_group';

/** The speaker's group is the first shadow, and its id becomes the cascade's. */
export function createServerGroup(world: World): Answer {
  return async (asked) => {
    const site = speaker(world, 'compute');
    const response = await callSite(asked, site, { body: await asked.readBody() });
    const made = isOk(response) ? (bodyOf(response) as { server_group?: Body } | undefined)?.server_group : undefined;
    if (made) {
      const id = String(made['id']);
      const policy = made['policy'] ?? (made['policies'] as string[] | undefined)?.[0];
      const { caller } = asked;
      const body = {
        id,
        name: made['name'],
        policy,
        rules: made['rules'] ?? {},
        user_id: caller.userId,
        project_id: caller.projectId,
      };
      await world.globals.put(kind, id, caller.projectId ?? null, body);
      await world.globals.putShadow(kind, id, site.id, id, null);
    }
    return response;
  };
}

export function listServerGroups(world: World): Answer {
  return async (asked) => {
    const all = asked.caller.isAdmin && asked.query.has('all_projects');
    const rows = await world.globals.list(kind, all ? undefined : (asked.caller.projectId ?? ''));
    const from = Number(asked.query.get('offset') ?? 0);
    if (!Number.isInteger(from) || from < 0)
      throw new Fault('bad-request', `offset param must be an integer, got '${asked.query.get('offset')}'`);
    const page = rows.slice(from, from + pageLimit(asked));
    return json(200, { server_groups: await Promise.all(page.map((row) => view(world, asked, row))) });
  };
}

export function showServerGroup(world: World): Answer {
  return async (asked) => json(200, { server_group: await view(world, asked, await visible(world, asked)) });
}

export function deleteServerGroup(world: World): Answer {
  return async (asked) => {
    const row = await visible(world, asked);
    await alone(world, kind, async () => {
      await world.globals.remove(kind, row.id);
      for (const shadow of await world.globals.shadows(kind, row.id)) {
        const site = world.sites.byId(shadow.site_id);
        if (site) await removeFrom(world, site, row.id, shadow.site_resource_id).catch(() => undefined);
      }
    });
    return noContent(204);
  };
}

async function removeFrom(world: World, site: Site, id: string, siteGroupId: string): Promise<void> {
  const { status } = await askAsAdmin(site, 'compute', 'DELETE', `/os-server-groups/${siteGroupId}`);
  if (status < 300 || status === 404) await world.globals.removeShadow(kind, id, site.id);
}

/** Removes what was deleted while the site was silent, and adopts what it had before. */
export async function reconcileServerGroups(world: World, site: Site): Promise<void> {
  const stale = await world.database.many<{ global_id: string; site_resource_id: string }>(
    `select s.global_id, s.site_resource_id from shadow s join global_resource g on g.kind = s.kind and g.id = s.global_id
      where s.kind = 'server_group' and s.site_id = $1 and g.deleted_at is not null`,
    [site.id],
  );
  for (const shadow of stale) await removeFrom(world, site, shadow.global_id, shadow.site_resource_id);
  await adoptServerGroups(world, site);
}

async function visible(world: World, asked: Asked): Promise<GlobalRow> {
  const id = asked.params['server_group_id'] ?? '';
  const row = await world.globals.find(kind, id);
  if (!row || (row.owner_id !== asked.caller.projectId && !asked.caller.isAdmin)) {
    throw new Fault('not-found', `Instance group ${id} could not be found.`);
  }
  return row;
}

/** A group with the members that the sites' own groups have. */
async function view(world: World, asked: Asked, row: GlobalRow): Promise<Body> {
  const members: string[] = [];
  for (const shadow of await world.globals.shadows(kind, row.id)) {
    const site = world.sites.byId(shadow.site_id);
    if (!site?.health('compute').reachable) continue;
    const { body } = await askAsAdmin(site, 'compute', 'GET', `/os-server-groups/${shadow.site_resource_id}`).catch(
      () => ({ body: {} as Body }),
    );
    members.push(...(((body['server_group'] as Body | undefined)?.['members'] ?? []) as string[]));
  }
  const { policy, rules, name, user_id, project_id } = row.body;
  const owner = atLeast(asked.microversion, '2.13') ? { user_id, project_id } : {};
  return atLeast(asked.microversion, '2.64')
    ? { id: row.id, name, policy, rules: rules ?? {}, members, ...owner }
    : { id: row.id, name, policies: [policy], metadata: {}, members, ...owner };
}

export const serverGroupShadows = (world: World): ShadowMaker => ({
  kind,
  ensure: async (id: string, site: Site, caller: Caller) => {
    const row = await world.globals.find(kind, id);
    if (!row) return id;
    const known = async () => (await world.globals.shadow(kind, id, site.id))?.site_resource_id;
    const makeOne = async (): Promise<string> => {
      const made = (await adopt(world, row, site)) ?? (await make(row, site, caller));
      await world.globals.putShadow(kind, id, site.id, made, null);
      return made;
    };
    return (await known()) ?? alone(world, kind, async () => (await known()) ?? makeOne());
  },
});

/** After a crash between the site's answer and our row the group is there: it has our name and policy, and is nobody's. */
async function adopt(world: World, row: GlobalRow, site: Site): Promise<string | undefined> {
  const { body } = await askAsAdmin(site, 'compute', 'GET', '/os-server-groups', {
    microversion: '2.64',
    query: 'all_projects=1',
  });
  for (const group of (body['server_groups'] ?? []) as Body[]) {
    const same =
      group['name'] === row.body['name'] &&
      group['policy'] === row.body['policy'] &&
      group['project_id'] === row.owner_id;
    if (same && !(await world.globals.globalIdOf(kind, site.id, String(group['id'])))) return String(group['id']);
  }
  return undefined;
}

async function make(row: GlobalRow, site: Site, caller: Caller): Promise<string> {
  const { name, policy, rules } = row.body;
  const body = {
    server_group: {
      name,
      policy,
      ...(policy === 'anti-affinity' && Object.keys(rules ?? {}).length > 0 ? { rules } : {}),
    },
  };
  const response = await site.request(
    {
      service: 'compute', method: 'POST', path: '/os-server-groups', microversion: '2.64',
      headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)),
    },
    caller,
  ); // prettier-ignore
  const answer = (bodyOf(response) ?? {}) as Body;
  if (!isOk(response))
    throw new Fault(
      'bad-request',
      `Availability zone ${site.name} does not take the server group: ${faultWords(answer)}`,
    );
  return String((answer['server_group'] as Body)['id']);
}
