/**
 * The mark by which a server is found when the response to its create was lost. It is removed as soon as the server is known,
 * and no tenant sees it: until then the cascade shows the placeholder. A tag; metadata where the request is older than tags.
 */
import { atLeast, parseMicroversion } from '@cascade/openstack-protocol/microversion.js';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import type { Body } from '../../resources/kind.js';
import { askAsAdmin } from '../../routing/ask-as-admin.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';

const prefix = 'cascade-promise-';
const key = 'cascade-promise';

/** Without dashes, since the site's gateway would translate an id once it knows the server. */
const markOf = (id: string): string => id.replaceAll('-', '');

/** Since when a server can be made with tags. */
const tagsSince = '2.52';
const microversion = '2.53';

const takesTags = (asked: string | undefined): boolean =>
  asked !== undefined && atLeast(parseMicroversion(asked), tagsSince);

/** The body of a create, with the mark in it. */
export function marked(body: Body, id: string, asked: string | undefined): Body {
  const server = body['server'] as Body;
  const mark = takesTags(asked)
    ? { tags: [...((server['tags'] as string[] | undefined) ?? []), prefix + markOf(id)] }
    : { metadata: { ...(server['metadata'] as Body | undefined), [key]: markOf(id) } };
  return { ...body, server: { ...server, ...mark } };
}

/** The site's server with the mark, among those of the project that changed since the placeholder was added. @throws SiteUnreachable */
export async function findMarked(site: Site, id: string, projectId: string, since: Date): Promise<string | undefined> {
  // A clock of the site that is behind ours must not hide it.
  const from = new Date(since.getTime() - 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
  const query = new URLSearchParams({ all_tenants: '1', project_id: projectId, 'changes-since': from }).toString();
  const { status, body } = await askAsAdmin(site, 'compute', 'GET', '/servers/detail', { query, microversion });
  const servers = body['servers'];
  if (status !== 200 || !Array.isArray(servers)) {
    throw new SiteUnreachable(site.name, true, `servers of a project: ${status} instead of a list`);
  }
  const found = (servers as Body[]).find((server) => isMarked(server, id) && server['status'] !== 'DELETED');
  return found && String(found['id']);
}

const isMarked = ({ tags, metadata }: Body, id: string): boolean =>
  (Array.isArray(tags) && tags.includes(prefix + markOf(id))) || (isObject(metadata) && metadata[key] === markOf(id));

/**
 * @param id in the cascade, which the site's gateway knows by now
 * @param server as the site has it; undefined where it is gone
 * @throws SiteUnreachable
 */
export async function unmark(site: Site, id: string, server: Body | undefined): Promise<void> {
  if (!server) return;
  if (!neverRan(server)) return takeOff(site, id, server['status'] === 'ERROR');
  // Nova lets nobody change tags or metadata of a server whose build failed. While it is called active nobody is shown it:
  // the placeholder is shown instead. Should the program stop in between, it is still one that never ran.
  await callIt(site, id, 'active');
  await takeOff(site, id, true);
  await callIt(site, id, 'error');
}

/** Its build failed, whatever it is called now. */
const neverRan = (server: Body): boolean =>
  ['ERROR', 'ACTIVE'].includes(String(server['status'])) && !server['OS-SRV-USG:launched_at'];

async function takeOff(site: Site, id: string, mayStay: boolean): Promise<void> {
  const path = `/servers/${id}`;
  const answers = [
    await askAsAdmin(site, 'compute', 'DELETE', `${path}/tags/${prefix}${markOf(id)}`, { microversion }),
    await askAsAdmin(site, 'compute', 'DELETE', `${path}/metadata/${key}`, { microversion }),
  ];
  const failed = answers.find(({ status }) => status >= 500 || (status === 409 && !mayStay));
  if (failed)
    throw new SiteUnreachable(site.name, true, `the mark of a placeholder was not removed: status ${failed.status}`);
}

/** Where a site's policy forbids that, the mark stays. @see openstack/nova:nova/api/openstack/compute/admin_actions.py */
async function callIt(site: Site, id: string, state: 'active' | 'error'): Promise<void> {
  const body = { 'os-resetState': { state } };
  const { status } = await askAsAdmin(site, 'compute', 'POST', `/servers/${id}/action`, { body });
  if (status >= 500) throw new SiteUnreachable(site.name, true, `the state of a server was not set: ${status}`);
}
