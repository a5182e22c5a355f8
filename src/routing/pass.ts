/** Route by id: the call goes to the site that has the resource, and its answer is the tenant's answer. */
import { isObject, tryJson } from '../openstack/body.js';
import { bodyOf, isOk, type OpenStackResponse } from '../openstack/message.js';
import { isRead, type Answer, type Asked } from '../openstack/route.js';
import { serviceOf } from '../openstack/services.js';
import { isKnown, type Row } from '../resources/inventory.js';
import type { Kind } from '../resources/kind.js';
import type { Reference } from '../resources/references.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { linkToSite, mayName } from './link-request.js';
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
  const response = await send(
    world,
    asked,
    site,
    maySay(world, asked, kind, owner) ? options : unlinked(options),
    `${kind.name} ${id}`,
  );
  if (asked.method !== 'GET')
    await world.freshness.touch(site, asked.service.name, [asked.caller.projectId, owner?.projectId]);
  return options.shown ? options.shown(asked, response, site) : response;
}

/** What a body names may be elsewhere: no reason to refuse a resource that the site will not find, and none to tell where it is. */
const maySay = (world: World, { caller }: Asked, kind: Kind, owner: Owner | undefined): boolean =>
  owner !== undefined && mayName(world, caller, { kind: kind.name, project_id: owner.projectId });

const unlinked = ({ references: _references, ...options }: PassOptions): PassOptions => options;

const maySee = (asked: Asked, row: Row): boolean => asked.caller.isAdmin || row.project_id === asked.caller.projectId;

async function send(
  world: World,
  asked: Asked,
  site: Site,
  options: PassOptions,
  about: string,
): Promise<OpenStackResponse> {
  const path = options.path?.(asked);
  const to = { ...(path === undefined ? {} : { path }), bulk: options.streams };
  if (isRead(asked)) return callSite(asked, site, to);
  if (options.streams) return callSite(asked, site, { ...to, body: asked.stream });
  const raw = await asked.readBody();
  const body = options.references ? await linkRaw(world, asked, site, raw, options.references, about) : raw;
  return callSite(asked, site, { ...to, body });
}

async function linkRaw(
  world: World,
  asked: Asked,
  site: Site,
  raw: Buffer,
  references: readonly Reference[],
  about: string,
): Promise<Buffer> {
  const body = tryJson(raw);
  if (!isObject(body)) return raw; // no JSON object: the site says so in its own words
  await linkToSite(world, asked, site, body, references, { about });
  return Buffer.from(JSON.stringify(body));
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
