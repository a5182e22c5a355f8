/** Server groups: global; a site gets a group of its own when its first member is made there. */
import type { Caller } from '../openstack/caller.js';
import { Fault } from '../openstack/faults.js';
import { bodyOf, isOk, json, noContent } from '../openstack/message.js';
import { atLeast } from '../openstack/microversion.js';
import { checkServerGroupQuery } from '../openstack/nova-queries.js';
import type { Answer, Asked } from '../openstack/route.js';
import type { GlobalRow, Shadow } from '../resources/global.js';
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
    const raw = await asked.readBody();
    const readAt = await world.globals.version();
    const response = await callSite(asked, site, { body: raw });
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
      if (await world.globals.put(kind, id, caller.projectId ?? null, body, readAt))
        await world.globals.putShadow(kind, id, site.id, id, null);
    }
    return response;
  };
}

export function listServerGroups(world: World): Answer {
  return async (asked) => {
    checkServerGroupQuery(asked);
    const all = asked.caller.isAdmin && asked.query.has('all_projects');
    const rows = await world.globals.list(kind, all ? undefined : (asked.caller.projectId ?? ''));
    const from = Number(asked.query.get('offset') ?? 0);
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
        if (site) await removeFrom(world, site, shadow, row.body).catch(() => undefined);
      }
    });
    return noContent(204);
  };
}

async function removeFrom(world: World, site: Site, shadow: Shadow, body: Body): Promise<void> {
  const { global_id: id, making_since: makingSince } = shadow;
  // Where the answer to its making was lost, it is known by its words alone.
  const atSite = makingSince === null ? shadow.site_resource_id : await unclaimed(world, body, site);
  const path = `/os-server-groups/${atSite}`;
  const status = atSite === undefined ? 404 : (await askAsAdmin(site, 'compute', 'DELETE', path)).status;
  if (status < 300 || status === 404) await world.globals.removeShadow(kind, id, site.id);
}

/** Removes what was deleted while the site was silent, and adopts what it had before. */
export async function reconcileServerGroups(world: World, site: Site): Promise<void> {
  for (const shadow of await world.globals.shadowsOfGone(kind, site.id)) {
    const row = await world.globals.findGone(kind, shadow.global_id);
    if (row) await alone(world, kind, () => removeFrom(world, site, shadow, row.body));
  }
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
    if (!site?.health('compute').reachable || shadow.making_since !== null) continue;
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
    const known = async () => {
      const shadow = await world.globals.shadow(kind, id, site.id);
      return shadow?.making_since === null ? shadow.site_resource_id : undefined;
    };
    return (await known()) ?? alone(world, kind, async () => (await known()) ?? makeAt(world, row, site, caller));
  },
});

/** @returns the site's id; the cascade's, which the site refuses in its own words, where it was deleted meanwhile */
async function makeAt(world: World, row: GlobalRow, site: Site, caller: Caller): Promise<string> {
  if (!(await world.globals.beginShadow(kind, row.id, site.id))) return row.id;
  // After a crash between the site's answer and our row the group is there.
  const made = (await unclaimed(world, row.body, site)) ?? (await make(world, row, site, caller));
  await world.globals.putShadow(kind, row.id, site.id, made, null);
  return made;
}

/** A group at a site with the name, policy and project of one of the cascade's, that is nobody's. */
async function unclaimed(world: World, body: Body, site: Site): Promise<string | undefined> {
  const { body: answer } = await askAsAdmin(site, 'compute', 'GET', '/os-server-groups', {
    microversion: '2.64',
    query: 'all_projects=1',
  });
  for (const group of (answer['server_groups'] ?? []) as Body[]) {
    const same = ['name', 'policy', 'project_id'].every((field) => group[field] === body[field]);
    if (same && !(await world.globals.globalIdOf(kind, site.id, String(group['id'])))) return String(group['id']);
  }
  return undefined;
}

async function make(world: World, row: GlobalRow, site: Site, caller: Caller): Promise<string> {
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
  if (!isOk(response)) {
    if (response.status < 500) await world.globals.removeShadow(kind, row.id, site.id, true);
    throw new Fault(
      'bad-request',
      `Availability zone ${site.name} does not take the server group: ${faultWords(answer)}`,
    );
  }
  return String((answer['server_group'] as Body)['id']);
}
