/** Create: choose the site, link, send once, remember. The site's answer is the tenant's answer. */
import { ImageOnItsWay } from '../copies/copies.js';
import { isObject, tryJson } from '../openstack/body.js';
import { bodyOf, isOk, type OpenStackResponse } from '../openstack/message.js';
import type { Answer, Asked } from '../openstack/route.js';
import { NoSiteFits } from '../placement/contradictions.js';
import type { Need } from '../placement/need.js';
import type { Choice, Pin, PlacementRequest } from '../placement/placement.js';
import type { Kind } from '../resources/kind.js';
import type { Reference } from '../resources/references.js';
import { noZoneAnswers, SiteUnreachable, type Site } from '../sites/site.js';
import { linkToSite, pinsOf } from './link-request.js';
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
  readonly need?: (body: Record<string, unknown>, asked: Asked) => Promise<Need | undefined>;
  /** The project it will belong to, where an administrator may name another than the caller's. */
  readonly projectOf?: (body: Record<string, unknown>) => string | undefined;
  /** False where the answer is in another service's shape than the kind's (Nova's proxies). @default true */
  readonly remember?: boolean;
  /**
   * Adds a placeholder for what cannot be created before an image is at its site, and creates it then: the tenant's answer, or undefined
   * where the site's own refusal is it.
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
  /** As the site is to be asked, once the image is there. */
  readonly linked: Record<string, unknown>;
  readonly site: Site;
  readonly imageId: string;
  /** What the site says as long as it is not: all else that is wrong with the request it would have said first. */
  readonly refusal: OpenStackResponse;
}

export function createIn(world: World, kindName: string, options: CreateOptions = {}): Answer {
  return async (asked) => {
    const kind = kindNamed(world, kindName);
    const raw = await asked.readBody();
    const body = tryJson(raw);
    if (!isObject(body))
      return callSite(asked, await world.placement.homeSite(asked.caller.projectId, kind.service), { body: raw });
    const projectId = options.projectOf?.(body) ?? asked.caller.projectId;
    const request = await placementOf(world, asked, body, projectId, kindName, options);
    const choice = await chooseNearImages(world, request);
    const askedAt = new Date();
    const { response, used } = await sendWhereItIsTaken(world, asked, body, choice, request, options);
    await world.freshness.touch(used.site, asked.service.name, [asked.caller.projectId, projectId]);
    if (isOk(response) && options.remember !== false) {
      for (const made of unwrapAll(kind, bodyOf(response))) {
        const seen = { ...ownership(kind, made, projectId), ...made };
        await world.inventory.remember(kind, used.site, seen, askedAt, new Date());
        await world.placement.record(kindName, String(made['id']), projectId, used);
      }
    }
    return options.shown ? options.shown(asked, response, used) : response;
  };
}

// Nova's answer to a create is an id and links; the list that comes next must already know whose it is.
const ownership = (kind: Kind, made: Record<string, unknown>, projectId: string | undefined) => {
  const known = kind.projectOf?.(made) ?? made['project_id'] ?? made['tenant_id'];
  return known === undefined && projectId ? { tenant_id: projectId } : {};
};

/** What the choice of a site depends on. Takes the zone out of the body. */
async function placementOf(
  world: World,
  asked: Asked,
  body: Record<string, unknown>,
  projectId: string | undefined,
  kindName: string,
  options: CreateOptions,
): Promise<PlacementRequest> {
  const name = await options.takeZone?.(body, asked);
  const zone: Zone | undefined = name === undefined ? undefined : await zoneNamed(world, asked.service, name);
  return {
    service: asked.service.name,
    kind: kindName,
    projectId,
    pins: await pinsOf(world, asked, body, options.references ?? []),
    zone,
    need: await options.need?.(body, asked),
  };
}

/** Where the images are that it names; where nothing else allows that, they can be copied. */
async function chooseNearImages(world: World, request: PlacementRequest): Promise<Choice> {
  const pins = request.pins.filter(({ kind }) => kind !== 'image');
  try {
    return await world.placement.choose(request);
  } catch (error) {
    if (!(error instanceof NoSiteFits) || pins.length === request.pins.length) throw error;
    const choice = await world.placement.choose({ ...request, pins });
    // The first refusal is the better answer where they cannot.
    const images = request.pins.filter(({ kind, siteIds }) => kind === 'image' && !siteIds.includes(choice.site.id));
    for (const { id } of images) {
      if (!(await world.copies.mayBring(id, choice.site.id))) throw error;
    }
    return choice;
  }
}

async function sendWhereItIsTaken(
  world: World,
  asked: Asked,
  body: Record<string, unknown>,
  choice: Choice,
  { pins, projectId }: PlacementRequest,
  options: CreateOptions,
): Promise<{ response: OpenStackResponse; used: Choice }> {
  const tried: string[] = [];
  for (const site of [choice.site, ...choice.others]) {
    const used: Choice = {
      ...choice,
      site,
      reason: tried.length > 0 ? { ...choice.reason, silent: tried } : choice.reason,
    };
    try {
      if (asked.service.makesPorts) await world.defaultGroups.ready(site, asked.caller, projectId);
      return { response: await sendOrDefer(world, asked, structuredClone(body), site, pins, options), used };
    } catch (error) {
      // Another site is tried only when this one certainly did not take it: after a lost answer it may exist there.
      if (!(error instanceof SiteUnreachable) || !error.notTaken || site === choice.others.at(-1)) throw error;
      tried.push(site.name);
      if (choice.others.length === 0) throw error;
    }
  }
  throw noZoneAnswers();
}

async function sendOrDefer(
  world: World,
  asked: Asked,
  linked: Record<string, unknown>,
  site: Site,
  pins: readonly Pin[],
  { references = [], defer }: CreateOptions,
): Promise<OpenStackResponse> {
  let onItsWay: ImageOnItsWay | undefined;
  try {
    await linkToSite(world, asked, site, linked, references, { pins, ...(defer ? { timeoutMs: 0 } : {}) });
  } catch (error) {
    if (!(error instanceof ImageOnItsWay) || !defer) throw error;
    onItsWay = error;
  }
  const response = await callSite(asked, site, { body: Buffer.from(JSON.stringify(linked)) });
  if (!onItsWay || isOk(response)) return response;
  const { imageId } = onItsWay;
  return (await defer?.({ asked, linked, site, imageId, refusal: response })) ?? response;
}
