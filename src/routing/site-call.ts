/** Sends a tenant's request to a site and brings the answer back in the cascade's words. */
import type { Readable } from 'node:stream';
import type { Headers, OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { formatMicroversion } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { linkBack } from '../resources/linking.js';
import type { Site } from '../sites/site.js';
import { forwardedHeaders } from './forwarded-headers.js';
import { fitToSite, lastOfRefusing, nameIfPoorer } from './older-site.js';

/** What a site is asked in place of what the tenant asked. */
export interface Changed {
  readonly path?: string;
  readonly query?: string;
  /** An empty one is none. */
  readonly body?: Buffer | Readable;
  readonly bulk?: boolean | undefined;
}

/** @throws SiteUnreachable, SiteTooOld */
export async function callSite(asked: Asked, site: Site, changed: Changed = {}): Promise<OpenStackResponse> {
  const response = await callAt(asked, site, changed);
  const last = lastOfRefusing(asked, response);
  // It did not take the request. A stream is spent, and none is sent in a microversion.
  return last === undefined ? response : callAt(asked, site, changed, last);
}

/** @param last the site's last microversion, where it is not the one that is known */
async function callAt(asked: Asked, site: Site, changed: Changed, last?: string): Promise<OpenStackResponse> {
  const fitted = fitToSite(asked, site, changed, last);
  const given = fitted ? fitted.body : changed.body;
  const body = Buffer.isBuffer(given) && given.length === 0 ? undefined : given;
  const response = await site.request(
    {
      service: asked.service.name,
      method: asked.method,
      path: changed.path ?? asked.path,
      // The site reads the rules of its token against the whole path.
      written: asked.caller.accessRules && changed.path === undefined ? asked.written : undefined,
      query: changed.query ?? asked.rawQuery,
      headers: headersFor(asked, body),
      ...(body ? { body } : {}),
      microversion: last ?? (asked.microversion && formatMicroversion(asked.microversion)),
      isWorded: true,
      bulk: changed.bulk,
    },
    asked.caller,
  );
  const linked = nameIfPoorer(linkBack(response, site, asked.publicUrl), asked, site);
  return fitted ? fitted.lift(linked) : linked;
}

function headersFor(asked: Asked, body: Changed['body']): Headers {
  const headers: Headers = { ...forwardedHeaders(asked.headers), 'x-openstack-request-id': asked.requestId };
  if (!body || Buffer.isBuffer(body)) delete headers['content-length'];
  return headers;
}
