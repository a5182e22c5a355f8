/** Nova's quotas as a site holds them, for a cascade that knows of none. */
import type { QuotaSets } from '../../routing/adopt-quotas.js';
import { inTurn } from '../in-turn.js';
import { quotaKind } from './quota-shadows.js';

export const computeQuotaSets: QuotaSets = {
  service: 'compute',
  kind: quotaKind,
  keep: (world, site, projectId, set) =>
    inTurn(world, quotaKind, async (globals) => {
      if (await globals.find(quotaKind, projectId)) return false;
      await globals.put(quotaKind, projectId, null, { quota_set: set });
      await globals.putShadow(quotaKind, projectId, site.id, projectId, set);
      return true;
    }),
};
