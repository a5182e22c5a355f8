/**
 * A tenant's request to a site whose service is older than the microversion that is asked for. What the site cannot do is
 * refused with its zone named; what the cascade can make up for is made up for, in the request and in the response.
 */
import type { Readable } from 'node:stream';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, isOk, withBody, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { atLeast, formatMicroversion, parseMicroversion } from '@cascade/openstack-protocol/microversion.js';
import { lastTold, withoutMicroversion } from '@cascade/openstack-protocol/microversion-header.js';
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
 * @param last the site's last microversion
 * @returns undefined where the site is as new as the request
 * @throws SiteTooOld, and the refusals of the newer microversion
 */
export function fitToSite(asked: Asked, site: Site, changed: Changes, last = lastOf(asked, site)): Fitted | undefined {
  const steps = stepsBeyond(asked, last);
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
      const worded = response.status === 400 ? withZone(response, asked, site, last) : response;
      const lifted = await liftAll(liftings, worded, answered(asked, site, request));
      // It is in the microversion that was asked for, and says so.
      return withoutMicroversion(asked.service.microversions, lifted);
    },
  };
}

const lastOf = ({ service }: Asked, { capabilities }: Site): string | undefined =>
  capabilities.microversions[service.name]?.max;

const reaches = ({ microversion }: Asked, last: string | undefined): boolean =>
  last === undefined || !microversion || atLeast(parseMicroversion(last), formatMicroversion(microversion));

/** True where a site has the microversion that is asked for, or where none is. */
export const isAsNew = (asked: Asked, site: Site): boolean => reaches(asked, lastOf(asked, site));

/** What the request's microversion has and the site's last has not, the oldest first. */
function stepsBeyond(asked: Asked, last: string | undefined): readonly Step[] {
  if (last === undefined || reaches(asked, last)) return [];
  const known = parseMicroversion(last);
  const { service, microversion } = asked;
  return (service.steps ?? []).filter(({ since }) => atLeast(microversion, since) && !atLeast(known, since));
}

/**
 * The last microversion of a site that refuses the one it was asked in: it was downgraded and has not been looked at again, or its API
 * runs in two releases while it is upgraded. Undefined where it says nothing of the kind.
 */
export function lastOfRefusing(asked: Asked, response: OpenStackResponse): string | undefined {
  const last = lastTold(response);
  return last !== undefined && !reaches(asked, last) ? last : undefined;
}

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
const withZone = (response: OpenStackResponse, asked: Asked, site: Site, last: string | undefined): OpenStackResponse =>
  withMore(
    response,
    () => `Availability zone ${site.name}, whose ${asked.service.name} service is of microversion ${last}.`,
  );

/** The same for a site that lacks an extension, where its service says so. */
export function nameIfPoorer(response: OpenStackResponse, { service }: Asked, site: Site): OpenStackResponse {
  if (![400, 404].includes(response.status) || !service.unknownFields) return response;
  return withMore(response, (message) =>
    service.unknownFields?.test(message) ? `Availability zone ${site.name}.` : undefined,
  );
}

/** An error with more to its message, in brackets. */
function withMore(response: OpenStackResponse, more: (message: string) => string | undefined): OpenStackResponse {
  const body = bodyOf(response);
  const [inner] = isObject(body) ? Object.values(body).filter(isObject) : [];
  const { message } = inner ?? {};
  const added = typeof message === 'string' ? more(message) : undefined;
  if (!inner || added === undefined) return response;
  inner['message'] = `${String(message)} (${added})`;
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
