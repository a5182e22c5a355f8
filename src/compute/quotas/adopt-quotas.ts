/** Nova's quotas as a site holds them, for a cascade that knows of none. */
import type { QuotaSets } from '../../routing/adopt-quotas.js';
import { alone } from '../../routing/alone.js';
import { quotaKind } from './quota-shadows.js';

export const computeQuotaSets: QuotaSets = {
  service: 'compute',
  kind: quotaKind,
  keep: (world, site, projectId, set, readAt) =>
    alone(world, quotaKind, async () => {
      if (await world.globals.find(quotaKind, projectId)) return false;
      if (!(await world.globals.put(quotaKind, projectId, null, { quota_set: set }, readAt))) return false;
      await world.globals.putShadow(quotaKind, projectId, site.id, projectId, set);
      return true;
    }),
};
