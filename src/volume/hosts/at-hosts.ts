/**
 * Calls about hosts: one that names a host goes to its site, one that names none to all sites. Answers say `site:host`.
 */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, isOk, withBody, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { fanOutTo, answersOrRefusal, type SiteResponse } from '../../routing/fan-out.js';
import { callSite } from '../../routing/site-call.js';
import type { World } from '../../routing/world.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';
import { hostAt, hostNamed, onlyBackend, siteWithHost } from './hosts.js';
import { speakers } from '../../globals/speaker.js';
import { cinderKinds } from '../types/speak-cinder.js';

/** What in an answer names hosts, and so gets its site in front; `zone` becomes the site. */
const hostFields = new Set(['host', 'host_name', 'cluster', 'cluster_name']);

/** An answer in the cascade's words. @param more further fields that name hosts (`name` of a pool or a cluster) */
export function withSite(body: unknown, site: Site, more: readonly string[] = []): unknown {
  if (Array.isArray(body)) return body.map((one) => withSite(one, site, more));
  if (!isObject(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => {
      if (typeof value === 'string' && value !== '' && (hostFields.has(key) || more.includes(key))) {
        return [key, hostAt(site, value)];
      }
      if (key === 'zone' && typeof value === 'string') return [key, site.name];
      return [key, key === 'capabilities' ? value : withSite(value, site, more)];
    }),
  );
}

export interface Lists {
  /** Keys of the lists in the answer. */
  readonly keys: readonly string[];
  /** Query parameters that name a host. */
  readonly hosts?: readonly string[];
  /** True where the list is of the one host that the query names, and not of all that a filter finds. */
  readonly isOfOne?: boolean;
  /** Query parameters that name a zone. */
  readonly zones?: readonly string[];
  /** Fields of a row that name a host, beside the usual ones. */
  readonly fields?: readonly string[];
}

/** A list over all sites, or of the site that the query names. */
export function listAtHosts(world: World, { keys, hosts = [], isOfOne, zones = [], fields = [] }: Lists): Answer {
  return async (asked) => {
    const query = new URLSearchParams(asked.rawQuery);
    let only: Site | undefined;
    for (const name of hosts) {
      const { site, host } = hostNamed(world, query.get(name) ?? '');
      if (!site) {
        if (isOfOne && host) only ??= await siteWithHost(world, host);
        continue;
      }
      only = oneSite(only, site);
      if (host) query.set(name, host);
      else query.delete(name);
    }
    for (const name of zones) {
      const site = world.sites.byName(query.get(name) ?? '');
      if (!site) continue;
      only = oneSite(only, site);
      query.delete(name);
    }
    const responses = await fanOutTo(asked, only ? [only] : withVolumes(world), { query: query.toString() });
    return together(responses, keys, fields);
  };
}

/** @throws Fault 400 where a request names two */
function oneSite(known: Site | undefined, site: Site): Site {
  if (!known || known.id === site.id) return site;
  const words = `The request names hosts of availability zones ${known.name} and ${site.name}, which have none in common.`;
  throw new Fault('bad-request', words);
}

const withVolumes = (world: World): Site[] =>
  world.sites.answering('volume').filter((site) => site.capabilities.endpoints.volume);

function together(
  responses: readonly SiteResponse[],
  keys: readonly string[],
  fields: readonly string[],
): OpenStackResponse {
  const { answers, refusal } = answersOrRefusal(responses);
  if (refusal) return refusal;
  const bodies = answers.map(
    ({ site, response }) => withSite(bodyOf(response), site, fields) as Record<string, unknown[]>,
  );
  if (bodies.every((body) => body === undefined)) return answers[0]!.response;
  const lists = keys.map((key) => [key, bodies.flatMap((body) => body?.[key] ?? [])]);
  return withBody(answers[0]!.response, Object.fromEntries(lists));
}

/** Fields of a body that name a host; the first that names a site decides. */
const namesHost = ['host', 'cluster', 'cluster_name', 'server', 'name'];

export interface Writes {
  /** Lists that the answers of several sites are put together in, where the body names no site. */
  readonly everywhere?: readonly string[];
  readonly fields?: readonly string[];
}

/** A write whose body names a host. */
export function writeAtHost(world: World, { everywhere, fields = [] }: Writes): Answer {
  return async (asked) => {
    const raw = await asked.readBody();
    const body = tryJson(raw);
    const site = isObject(body) ? await takeSite(world, body) : undefined;
    const changed = { body: site ? Buffer.from(JSON.stringify(body)) : raw };
    if (everywhere && !site) {
      if (isObject(body)) refuseNumber(world, body);
      return together(await fanOutTo(asked, withVolumes(world), changed), everywhere, fields);
    }
    // A host of no site is refused by the first site that answers, in Cinder's words.
    const [responses] = await fanOutTo(
      asked,
      site ? [site] : (await speakers(world, 'volume', { kinds: cinderKinds })).slice(0, 1),
      changed,
    );
    return shownAt(responses!, site ? fields : undefined);
  };
}

/** The site that the names in a body say, or that has the only host of such a name. @throws Fault 400 */
async function takeSite(world: World, body: Record<string, unknown>): Promise<Site | undefined> {
  let found: Site | undefined;
  const own: string[] = [];
  for (const key of namesHost) {
    const text = body[key];
    if (typeof text !== 'string' || text === '') continue;
    const { site, host } = hostNamed(world, text);
    if (!site) own.push(text);
    // A bare name may be a site's and a host's alike: it stays what it is and goes there.
    else if (host) body[key] = host;
    if (site) found = oneSite(found, site);
  }
  for (const name of found ? [] : own) found ??= await siteWithHost(world, name);
  return found;
}

/** The number of a service is another's in the next site. @throws Fault 400 */
function refuseNumber(world: World, body: Record<string, unknown>): void {
  if (body['service_id'] === undefined || body['service_id'] === null || withVolumes(world).length < 2) return;
  const words = `Service ${String(body['service_id'])} is another one in each availability zone. Name its host, too.`;
  throw new Fault('bad-request', words);
}

function shownAt({ site, response }: SiteResponse, fields: readonly string[] | undefined): OpenStackResponse {
  const body = bodyOf(response);
  return body === undefined || !fields || !isOk(response) ? response : withBody(response, withSite(body, site, fields));
}

/** One host, cluster or backend by its name in the path. @throws Fault 400 for a host that several sites have */
export function oneAtHost(world: World, param: string, fields: readonly string[] = []): Answer {
  return async (asked) => {
    const name = asked.params[param] ?? '';
    const { site, host } = hostNamed(world, name);
    const target =
      site ??
      (await siteWithHost(world, name)) ??
      // A host of no site is refused in Cinder's words.
      (await speakers(world, 'volume', { kinds: cinderKinds }))[0];
    if (!target) throw new SiteUnreachable('any', true, 'no site answers');
    const isCluster = param === 'cluster_name';
    const known = host || (isCluster ? undefined : await onlyBackend(target)) || name;
    const path = site ? asked.path.replace(/[^/]+$/, encodeURIComponent(known)) : asked.path;
    const body = asked.method === 'GET' ? {} : { body: await asked.readBody() };
    const response = await callSite(asked, target, { path, ...body });
    return shownAt({ site: target, response }, fields);
  };
}
