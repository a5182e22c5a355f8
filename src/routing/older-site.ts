/**
 * A tenant's request to a site whose service is older than the microversion that is asked for. What the site cannot do is
 * refused with its zone named; what the cascade can make up for is made up for, in the request and in the response.
 */
import type { Readable } from 'node:stream';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, isOk, withBody, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { atLeast, formatMicroversion, parseMicroversion } from '@cascade/openstack-protocol/microversion.js';
import { withoutMicroversion } from '@cascade/openstack-protocol/microversion-header.js';
import type {
  AnsweredRequest,
  Lifting,
  Need,
  SentRequest,
  Step,
} from '@cascade/openstack-protocol/microversion-steps.js';
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Service } from '@cascade/openstack-protocol/service.js';
import { linkBack } from '../resources/linking.js';
import { stableUuid } from '../sites/stable-uuid.js';
import type { Site } from '../sites/site.js';

/** What a site is too old for. A path that it does not have is no resource there: whoever asks several sites goes on. */
export class SiteTooOld extends Fault {
  constructor(site: Site, { name }: Service, { what, isPath }: Need, { since }: Step) {
    const why = `its ${name} service is older than microversion ${since}.`;
    super(isPath ? 'not-found' : 'bad-request', `Availability zone ${site.name} does not support ${what}: ${why}`);
    this.name = 'SiteTooOld';
  }
}

/** What a site is to be asked in place of what the tenant asked. */
interface Changes {
  readonly path?: string;
  readonly query?: string;
  readonly body?: Buffer | Readable;
}

/** A request as an older site understands it, and its response as a newer one would word it. */
export interface Fitted {
  readonly body: Buffer | Readable | undefined;
  lift(response: OpenStackResponse): Promise<OpenStackResponse>;
}

/**
 * @returns undefined where the site is as new as the request
 * @throws SiteTooOld, and the refusals of the newer microversion
 */
export function fitToSite(asked: Asked, site: Site, changed: Changes): Fitted | undefined {
  const steps = stepsBeyond(asked, site);
  if (steps.length === 0) return undefined;
  const { body } = changed;
  const request: SentRequest = {
    method: asked.method,
    path: changed.path ?? asked.path,
    query: new URLSearchParams(changed.query ?? asked.rawQuery),
    body: Buffer.isBuffer(body) ? tryJson(body) : undefined,
  };
  for (const step of steps) refuse(asked.service, site, step, request);
  const liftings = steps.flatMap((step) => (step.decision === 'lifted' ? [step.lifting] : []));
  const rewritten = liftings.flatMap((lifting) => lifting.request?.(request) ?? []).at(-1);
  return {
    body: rewritten === undefined ? body : Buffer.from(JSON.stringify(rewritten)),
    lift: async (response) => {
      const worded = response.status === 400 ? withZone(response, asked, site) : response;
      const lifted = await liftAll(liftings, worded, answered(asked, site, request));
      // It is in the microversion that was asked for, and says so.
      return withoutMicroversion(asked.service.microversions, lifted);
    },
  };
}

/** True where a site has the microversion that is asked for, or where none is. */
export function isAsNew({ service, microversion }: Asked, { capabilities }: Site): boolean {
  const last = capabilities.microversions[service.name]?.max;
  return last === undefined || !microversion || atLeast(parseMicroversion(last), formatMicroversion(microversion));
}

/** What the request's microversion has and the site's last has not, the oldest first. */
function stepsBeyond(asked: Asked, site: Site): readonly Step[] {
  if (isAsNew(asked, site)) return [];
  const known = parseMicroversion(lastOf(asked, site));
  const { service, microversion } = asked;
  return (service.steps ?? []).filter(({ since }) => atLeast(microversion, since) && !atLeast(known, since));
}

const lastOf = ({ service }: Asked, { capabilities }: Site): string =>
  capabilities.microversions[service.name]?.max ?? '';

/** @throws SiteTooOld, Fault */
function refuse(service: Service, site: Site, step: Step, request: SentRequest): void {
  if (step.decision === 'lifted') {
    const fault = step.lifting.refusal?.(request);
    if (fault) throw fault;
  }
  const need = step.decision === 'refused' ? step.needs.find((one) => one.isIn(request)) : undefined;
  if (need) throw new SiteTooOld(site, service, need, step);
}

async function liftAll(
  liftings: readonly Lifting[],
  response: OpenStackResponse,
  answeredRequest: AnsweredRequest,
): Promise<OpenStackResponse> {
  let lifted = response;
  for (const lifting of liftings) if (lifting.response) lifted = await lifting.response(lifted, answeredRequest);
  return lifted;
}

/** A refusal of the older site's, which may be about what it does not know. */
function withZone(response: OpenStackResponse, asked: Asked, site: Site): OpenStackResponse {
  const body = bodyOf(response);
  const [inner] = isObject(body) ? Object.values(body).filter(isObject) : [];
  if (!inner || typeof inner['message'] !== 'string') return response;
  const { name } = asked.service;
  inner['message'] +=
    ` (Availability zone ${site.name}, whose ${name} service is of microversion ${lastOf(asked, site)}.)`;
  return withBody(response, body);
}

const answered = (asked: Asked, site: Site, request: SentRequest): AnsweredRequest => ({
  request,
  zone: site.name,
  uuidOf: (thing) => stableUuid(thing, String(site.id), site.name),
  read: async (service, path) => {
    const last = site.capabilities.microversions[service]?.max;
    const response = await site.request({ service, method: 'GET', path, microversion: last }, asked.caller);
    return isOk(response) ? bodyOf(linkBack(response, site, asked.publicUrl)) : undefined;
  },
});
