/** `GET /images/{image_id}/file`: from the image's home or, where that is silent, from a copy. */
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { callSite } from '../routing/site-call.js';
import type { World } from '../routing/world.js';
import { ignoreSilence, SiteUnreachable } from '../sites/site.js';
import { passBelow } from './pass-image.js';

export function downloadImage(world: World): Answer {
  const pass = passBelow(world, { streams: true });
  return async (asked) => {
    try {
      return await pass(asked);
    } catch (error) {
      if (!(error instanceof SiteUnreachable)) throw error;
      // In the caller's name there too: a copy is shown to whom its image is.
      for (const site of await world.copies.sitesWith(asked.params['image_id'] ?? '')) {
        const response = await callSite(asked, site, { bulk: true }).catch(ignoreSilence);
        if (response) return response;
      }
      throw error;
    }
  };
}
