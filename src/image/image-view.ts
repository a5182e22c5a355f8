/** An image as Glance shows it to a caller. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { bodyOf, withBody, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Body } from '../resources/kind.js';
import { locationFields } from './kinds.js';

/** Without the paths and hosts of the site's stores, which are an administrator's to see. Mutates and returns it. */
export function shownTo(caller: Caller, image: Body): Body {
  if (!caller.isAdmin) for (const key of locationFields) delete image[key];
  return image;
}

/** The same for a site's answer that is an image. */
export function imageShown(asked: Asked, response: OpenStackResponse): OpenStackResponse {
  const body = bodyOf(response);
  if (asked.caller.isAdmin || !isObject(body) || typeof body['id'] !== 'string') return response;
  return withBody(response, shownTo(asked.caller, body));
}
