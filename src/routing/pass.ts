/** Route by id: the call goes to the site that has the resource, and its answer is the tenant's answer. */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { bodyOf, isOk, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { isRead, type Answer, type Asked } from '@cascade/openstack-protocol/server/route.js';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import { isKnown, type Row } from '../resources/inventory.js';
import type { Kind } from '../resources/kind.js';
import type { Reference } from '../resources/references.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { sendAdmitted, type Taking } from './admission.js';
import { linkToSite } from './link-request.js';
import { locateReferences, mayName } from './locate.js';
import { ownerOf, unwrap, type Owner } from './owner.js';
import { callSite } from './site-call.js';
import { kindNamed, type World } from './world.js';

export interface PassOptions {
  /** What the body names. */
  readonly references?: readonly Reference[];
  /** Shows the last seen state of a resource whose site is known to be down. */
  readonly lastSeen?: (asked: Asked, row: Row) => OpenStackResponse | Promise<OpenStackResponse>;
  /** True where the body, or the answer's, is bytes to be streamed, never read (an image's data). */
  readonly streams?: boolean;
  /** Another collection at the site than the kind's own path, with the rest of the asked path (`/os-volumes_boot`). */
  readonly path?: (asked: Asked) => string;
  /** Changes the site's answer before it is handed out. */
  readonly shown?: (
    asked: Asked,
    response: OpenStackResponse,
    site: Site,
  ) => Promise<OpenStackResponse> | OpenStackResponse;
}

/** Anything below one resource: `GET /servers/{server_id}/ips`, `POST /servers/{server_id}/action`. */
export function passToOwner(world: World, kindName: string, param: string, options: PassOptions = {}): Answer {
  return async (asked) => {
    const kind = kindNamed(world, kindName);
    const id = asked.params[param] ?? '';
    return passTo(world, asked, kind, id, await ownerOf(world, asked, kind, id), options);
  };
}

/** One resource itself: show, update, delete; what is learnt goes to the inventory. */
export function passOne(world: World, kindName: string, param: string, options: PassOptions = {}): Answer {
  return async (asked) => {
    const kind = kindNamed(world, kindName);
    const id = asked.params[param] ?? '';
    const askedAt = new Date();
    const owner = await ownerOf(world, asked, kind, id);
    try {
      const response = await passTo(world, asked, kind, id, owner, options);
      if (!tellsNothingNew(kind, asked, response, owner?.row)) await learn(world, kind, id, asked, response, askedAt);
      return response;
    } catch (error) {
      // One late answer says nothing of the resource: who asks is told to ask again.
      if (!(error instanceof SiteUnreachable && error.isDown) || asked.method !== 'GET' || !options.lastSeen)
        throw error;
      if (!owner?.row || !maySee(asked, owner.row)) throw error;
      return options.lastSeen(asked, owner.row);
    }
  };
}

async function passTo(
  world: World,
  asked: Asked,
  kind: Kind,
  id: string,
  owner: Owner | undefined,
  options: PassOptions,
): Promise<OpenStackResponse> {
  // An id that no site knows goes to the project's site all the same: it refuses in the service's own words.
  const site = owner?.site ?? (await world.placement.homeSite(asked.caller.projectId, kind.service));
  const response = await send(world, { asked, site, kind: kind.name, id, projectId: owner?.projectId }, options, owner);
  if (asked.method !== 'GET')
    await world.freshness.touch(site, asked.service.name, [asked.caller.projectId, owner?.projectId]);
  return options.shown ? options.shown(asked, response, site) : response;
}

const maySee = (asked: Asked, row: Row): boolean => asked.caller.isAdmin || row.project_id === asked.caller.projectId;

async function send(
  world: World,
  to: Omit<Taking, 'body'>,
  options: PassOptions,
  owner: Owner | undefined,
): Promise<OpenStackResponse> {
  const { asked, site } = to;
  const path = options.path?.(asked);
  const changed = { ...(path === undefined ? {} : { path }), bulk: options.streams };
  if (isRead(asked)) return callSite(asked, site, changed);
  const raw = options.streams ? undefined : await asked.readBody();
  const body = raw && tryJson(raw);
  return sendAdmitted(world, { ...to, body }, async () => {
    if (!raw) return callSite(asked, site, { ...changed, body: asked.stream });
    // No JSON object: the site says so in its own words.
    const linked = isObject(body) && (await link(world, to, body, options.references, owner));
    return callSite(asked, site, { ...changed, body: linked ? Buffer.from(JSON.stringify(linked)) : raw });
  });
}

/** @returns undefined for a body that stays as it was written */
async function link(
  world: World,
  { asked, site, kind, id }: Omit<Taking, 'body'>,
  body: Record<string, unknown>,
  references: readonly Reference[] | undefined,
  owner: Owner | undefined,
): Promise<Record<string, unknown> | undefined> {
  // What a body names may be elsewhere: no reason to refuse a resource that the site will not find, and none to tell where it is.
  const maySay = owner && mayName(world, asked.caller, { kind, project_id: owner.projectId });
  if (!references || !maySay) return undefined;
  const located = await locateReferences(world, asked, body, references);
  const { linked, underWay } = await linkToSite(world, asked.caller, site, body, located, { about: `${kind} ${id}` });
  if (underWay) throw underWay;
  return linked;
}

/** True for what was shown as it was known already: the database is not asked again. */
function tellsNothingNew(kind: Kind, asked: Asked, response: OpenStackResponse, row: Row | undefined): boolean {
  const seen = asked.method === 'GET' && isOk(response) && row ? unwrap(kind, bodyOf(response)) : undefined;
  return row !== undefined && seen?.['id'] === row.id && isKnown(kind, row, seen);
}

async function learn(
  world: World,
  kind: Kind,
  id: string,
  asked: Asked,
  response: OpenStackResponse,
  askedAt: Date,
): Promise<void> {
  const row = await world.inventory.find(kind.name, id);
  const site = row && world.sites.byId(row.site_id);
  if (!site) return;
  // A change is answered 404 for what its body names, too.
  const isChange = asked.method === 'PUT' || asked.method === 'PATCH';
  const isDone = asked.method === 'DELETE' && isOk(response) && serviceOf(kind.service).deletesAtOnce;
  const gone = (response.status === 404 && !isChange) || isDone;
  // Only its own administrator is told the truth by a 404; another project's resource is 404 for a tenant.
  if (gone && (maySee(asked, row) || isOk(response))) return world.inventory.forget(kind.name, site, [id], new Date());
  const seen = isOk(response) ? unwrap(kind, bodyOf(response)) : undefined;
  if (seen?.['id'] === row.id) await world.inventory.merge(kind, site, row, seen, askedAt);
}
