/** The image caches of all sites as one. @see openstack/glance:glance/api/v2/cached_images.py */
import { bodyOf, isOk, json } from '@cascade/openstack-protocol/message.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { fanOut } from '../routing/fan-out.js';
import type { World } from '../routing/world.js';

interface Cache {
  cached_images?: unknown[];
  queued_images?: unknown[];
}

export function listCaches(world: World): Answer {
  return async (asked) => {
    const responses = await fanOut(world, asked);
    const caches = responses.filter(({ response }) => isOk(response)).map(({ response }) => bodyOf(response) as Cache);
    // Where no site has a cache, the words of one of them are the answer.
    if (caches.length === 0) return responses[0]!.response;
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
    return (responses.find(({ response }) => isOk(response)) ?? responses[0]!).response;
  };
}
