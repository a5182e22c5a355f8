/** Create: locate what is named, choose the site, admit, link, send once, remember. The site's answer is the tenant's answer. */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { bodyOf, isOk, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Copied } from '../copies/copies.js';
import type { Need } from '../placement/need.js';
import type { Choice } from '../placement/placement.js';
import type { Kind } from '../resources/kind.js';
import type { Reference } from '../resources/references.js';
import { noZoneAnswers, SiteUnreachable, type Site } from '../sites/site.js';
import { sendAdmitted } from './admission.js';
import { linkToSite } from './link-request.js';
import { locateReferences, type LocatedReference } from './locate.js';
import { unwrapAll } from './owner.js';
import { callSite } from './site-call.js';
import { kindNamed, type World } from './world.js';
import { zoneNamed, type Zone } from './zones.js';

export interface CreateOptions {
  /** What the body names: it pins the site, or gets a shadow there. */
  readonly references?: readonly Reference[];
  /** Takes the asked zone out of the body: sites do not know the cascade's zones. */
  readonly takeZone?: (body: Record<string, unknown>, asked: Asked) => Promise<string | undefined> | string | undefined;
  /** Room the new resource needs. */
  readonly need?: (
    body: Record<string, unknown>,
    references: readonly LocatedReference[],
    asked: Asked,
  ) => Promise<Need | undefined> | Need | undefined;
  /** The project it will belong to, where an administrator may name another than the caller's. */
  readonly projectOf?: (body: Record<string, unknown>) => string | undefined;
  /** False where the answer is in another service's shape than the kind's (Nova's proxies). @default true */
  readonly remember?: boolean;
  /**
   * Adds a placeholder for what cannot be created before something that it names is copied to its site, and creates
   * it then: the tenant's answer, or undefined where the site's own refusal is it.
   */
  readonly defer?: (deferred: Deferred) => Promise<OpenStackResponse | undefined>;
  /** Answers that carry another kind than they create (a restore's volume). */
  readonly shown?: (
    asked: Asked,
    response: OpenStackResponse,
    choice: Choice,
  ) => Promise<OpenStackResponse> | OpenStackResponse;
}

export interface Deferred {
  readonly asked: Asked;
  /** As the site is to be asked, once all that it names is there. */
  readonly linked: Record<string, unknown>;
  readonly site: Site;
  /** What the body names and may be a copy at the site; first what is being copied there now. */
  readonly awaited: readonly [Copied, ...Copied[]];
  /** What the site says as long as it is not there: all else that is wrong with the request it would have said first. */
  readonly refusal: OpenStackResponse;
}

/** A create on its way to a site. */
interface Creating {
  readonly asked: Asked;
  readonly kind: Kind;
  readonly body: Record<string, unknown>;
  /** Whose it will be. */
  readonly projectId: string | undefined;
  readonly references: readonly LocatedReference[];
  readonly options: CreateOptions;
}

export function createIn(world: World, kindName: string, options: CreateOptions = {}): Answer {
  return async (asked) => {
    const kind = kindNamed(world, kindName);
    const raw = await asked.readBody();
    const body = tryJson(raw);
    if (!isObject(body))
      return callSite(asked, await world.placement.homeSite(asked.caller.projectId, kind.service), { body: raw });
    const projectId = options.projectOf?.(body) ?? asked.caller.projectId;
    const zone = await zoneOf(world, asked, body, options);
    const references = await locateReferences(world, asked, body, options.references ?? []);
    const creating: Creating = { asked, kind, body, projectId, references, options };
    const choice = await place(world, creating, zone);
    const askedAt = new Date();
    const { response, used } = await sendWhereItIsTaken(world, creating, choice);
    await world.freshness.touch(used.site, asked.service.name, [asked.caller.projectId, projectId]);
    if (isOk(response) && options.remember !== false) await remember(world, creating, response, used, askedAt);
    return options.shown ? options.shown(asked, response, used) : response;
  };
}

/** Takes the zone out of the body. @throws Fault for one that does not exist */
async function zoneOf(
  world: World,
  asked: Asked,
  body: Record<string, unknown>,
  { takeZone }: CreateOptions,
): Promise<Zone | undefined> {
  const name = await takeZone?.(body, asked);
  return name === undefined ? undefined : zoneNamed(world, asked.service, name);
}

async function place(world: World, creating: Creating, zone: Zone | undefined): Promise<Choice> {
  const { asked, kind, body, projectId, references, options } = creating;
  return world.placement.choose({
    service: asked.service.name,
    kind: kind.name,
    projectId,
    pins: references.flatMap((reference) => ('siteIds' in reference ? [reference] : [])),
    zone,
    need: await options.need?.(body, references, asked),
  });
}

async function sendWhereItIsTaken(
  world: World,
  creating: Creating,
  choice: Choice,
): Promise<{ response: OpenStackResponse; used: Choice }> {
  const { asked, projectId } = creating;
  const tried: string[] = [];
  for (const site of [choice.site, ...choice.others]) {
    const used: Choice = {
      ...choice,
      site,
      reason: tried.length > 0 ? { ...choice.reason, silent: tried } : choice.reason,
    };
    try {
      if (asked.service.makesPorts) await world.defaultGroups.ready(site, asked.caller, projectId);
      return { response: await admitAndSend(world, creating, site), used };
    } catch (error) {
      // Another site is tried only when this one certainly did not take it: after a lost answer it may exist there.
      if (!(error instanceof SiteUnreachable) || !error.notTaken || site === choice.others.at(-1)) throw error;
      tried.push(site.name);
      if (choice.others.length === 0) throw error;
    }
  }
  throw noZoneAnswers();
}

function admitAndSend(world: World, creating: Creating, site: Site): Promise<OpenStackResponse> {
  const { asked, kind, projectId, body } = creating;
  return sendAdmitted(world, { asked, site, kind: kind.name, projectId, body }, () =>
    sendOrDefer(world, creating, site),
  );
}

async function sendOrDefer(
  world: World,
  { asked, body, references, options: { defer } }: Creating,
  site: Site,
): Promise<OpenStackResponse> {
  const timeout = defer ? { timeoutMs: 0 } : {};
  const { linked, underWay } = await linkToSite(world, asked.caller, site, body, references, timeout);
  if (underWay && !defer) throw underWay;
  const response = await callSite(asked, site, { body: Buffer.from(JSON.stringify(linked)) });
  if (!underWay || isOk(response)) return response;
  const { kind, id } = underWay.copied;
  const others = references.filter((one) => world.copiesOf.has(one.kind) && !(one.kind === kind && one.id === id));
  const awaited: Deferred['awaited'] = [{ kind, id }, ...others.map((one) => ({ kind: one.kind, id: one.id }))];
  return (await defer?.({ asked, linked, site, awaited, refusal: response })) ?? response;
}

async function remember(
  world: World,
  { kind, projectId }: Creating,
  response: OpenStackResponse,
  used: Choice,
  askedAt: Date,
): Promise<void> {
  for (const made of unwrapAll(kind, bodyOf(response))) {
    const seen = { ...ownership(kind, made, projectId), ...made };
    await world.inventory.remember(kind, used.site, seen, askedAt, new Date());
    await world.placement.record(kind.name, String(made['id']), projectId, used);
  }
}

// Nova's answer to a create is an id and links; the list that comes next must already know whose it is.
const ownership = (kind: Kind, made: Record<string, unknown>, projectId: string | undefined) => {
  const known = kind.projectOf?.(made) ?? made['project_id'] ?? made['tenant_id'];
  return known === undefined && projectId ? { tenant_id: projectId } : {};
};
