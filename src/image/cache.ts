/** The image caches of all sites as one. @see openstack/glance:glance/api/v2/cached_images.py */
import { bodyOf, isOk, json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { fanOut, type SiteResponse } from '../routing/fan-out.js';
import type { World } from '../routing/world.js';
import { hasNoPath, requirePath } from './older-glance.js';

interface Cache {
  cached_images?: unknown[];
  queued_images?: unknown[];
}

export function listCaches(world: World): Answer {
  return async (asked) => {
    const responses = await fanOut(world, asked);
    const caches = responses.filter(({ response }) => isOk(response)).map(({ response }) => bodyOf(response) as Cache);
    // Where no site has a cache, the words of one of them are the answer.
    if (caches.length === 0) return wordsOfOne(responses);
    return json(200, {
      cached_images: caches.flatMap((cache) => cache.cached_images ?? []),
      queued_images: caches.flatMap((cache) => cache.queued_images ?? []),
    });
  };
}

/** The same order to every site that has a cache. */
export function tellCaches(world: World): Answer {
  return async (asked) => {
    const responses = await fanOut(world, asked);
    return responses.find(({ response }) => isOk(response))?.response ?? wordsOfOne(responses);
  };
}

/** The refusal of one that knows what it is asked, if there is one. @throws Fault 404 where all are too old */
function wordsOfOne(responses: readonly SiteResponse[]): OpenStackResponse {
  const { response, site } = responses.find((one) => !hasNoPath(one.response)) ?? responses[0]!;
  return requirePath(response, site, 'this request about cached images');
}
