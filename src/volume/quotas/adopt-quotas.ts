/** Cinder's quotas as a site holds them, for a cascade that knows of none. */
import type { QuotaSets } from '../../routing/adopt-quotas.js';
import { alone } from '../../routing/alone.js';
import { quotas } from './quotas.js';

export const volumeQuotaSets: QuotaSets = {
  service: 'volume',
  kind: quotas.kind,
  keep: (world, site, projectId, set, readAt) =>
    alone(world, 'volume_type', async () => {
      if (await world.globals.find(quotas.kind, projectId)) return false;
      if (!(await world.globals.put(quotas.kind, projectId, null, set, readAt))) return false;
      await world.globals.putShadow(quotas.kind, projectId, site.id, projectId, set);
      return true;
    }),
};
