/**
 * What several sites say to one question; those that are known to be down are left out. One late answer is no reason to show
 * a part for the whole: who asks is told to ask again.
 */
import { isOk, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { faultResponse } from '@cascade/openstack-protocol/server/fault-response.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { noZoneAnswers, SiteUnreachable, type Site } from '../sites/site.js';
import { SiteTooOld } from './older-site.js';
import { callSite, type Changed } from './site-call.js';
import type { World } from './world.js';

export interface SiteResponse {
  readonly site: Site;
  readonly response: OpenStackResponse;
}

/** The sites that can be asked now. @throws Fault 503 where there is none */
export function answeringSites(world: World, service: ServiceName): Site[] {
  const sites = world.sites.answering(service);
  if (sites.length === 0) throw noZoneAnswers();
  return sites;
}

/** Asks every answering site of the request's service. @throws Fault 503 where none answers, or one is late */
export const fanOut = (world: World, asked: Asked, query = asked.rawQuery): Promise<SiteResponse[]> =>
  fanOutTo(asked, answeringSites(world, asked.service.name), { query });

/** Asks some sites at once. @throws Fault 503 where none answers, or one is late */
export async function fanOutTo(asked: Asked, sites: readonly Site[], changed: Changed): Promise<SiteResponse[]> {
  const responses = await Promise.all(
    sites.map(async (site) => {
      const response = await askUnlessSilent(asked, site, changed);
      return response ? [{ site, response }] : [];
    }),
  );
  const answers = responses.flat();
  if (answers.length === 0) throw noZoneAnswers();
  return answers;
}

/**
 * The answers that say something, or the refusal that goes for all: a site that lacks what is asked for (404) or is
 * broken (5xx) has nothing to add, but what one of them says of the question itself (400, 403) the caller must be told.
 */
export function answersOrRefusal(responses: readonly SiteResponse[]): {
  answers: readonly SiteResponse[];
  refusal?: OpenStackResponse;
} {
  const answers = responses.filter(({ response }) => isOk(response));
  const saidNo = responses.find(({ response: { status } }) => status >= 400 && status < 500 && status !== 404);
  const refusal = saidNo ?? (answers.length === 0 ? responses[0] : undefined);
  return refusal ? { answers, refusal: refusal.response } : { answers };
}

/**
 * One site's answer; undefined where it is known to be down. A site that is too old to have such a thing says 404.
 * @throws SiteUnreachable for one late answer
 */
export async function askUnlessSilent(
  asked: Asked,
  site: Site,
  changed: Changed,
): Promise<OpenStackResponse | undefined> {
  try {
    return await callSite(asked, site, changed);
  } catch (error) {
    if (error instanceof SiteUnreachable && error.isDown) return undefined;
    if (error instanceof SiteTooOld && error.kind === 'not-found') {
      const { requestId, microversion } = asked;
      return faultResponse(asked.service, error, { requestId, accept: 'application/json', microversion });
    }
    throw error;
  }
}
