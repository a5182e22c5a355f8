/** An image as Glance shows it to a caller. */
import type { Caller } from '../openstack/caller.js';
import { isObject } from '../openstack/server/body.js';
import { bodyOf, withBody, type OpenStackResponse } from '../openstack/message.js';
import type { Asked } from '../openstack/server/route.js';
import type { Body } from '../resources/kind.js';
import { whereabouts } from './kinds.js';

/** Without the paths and hosts of the site's stores, which are an administrator's to see. Mutates and returns it. */
export function shownTo(caller: Caller, image: Body): Body {
  if (!caller.isAdmin) for (const key of whereabouts) delete image[key];
  return image;
}

/** The same for a site's answer that is an image. */
export function imageShown(asked: Asked, response: OpenStackResponse): OpenStackResponse {
  const body = bodyOf(response);
  if (asked.caller.isAdmin || !isObject(body) || typeof body['id'] !== 'string') return response;
  return withBody(response, shownTo(asked.caller, body));
}
