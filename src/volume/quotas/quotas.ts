/** Quotas as an administrator set them, of projects and of classes: what was not set is each site's own default. */
import type { Site } from '../../sites/site.js';
import { difference, type GlobalKind } from '../../globals/global-kind.js';
import { must, volumeGlobal } from '../types/cinder-requests.js';

const limits = (kind: string, collection: string, key: string): GlobalKind => {
  const of = (id: string): string => `${collection}/${encodeURIComponent(id)}`;
  const put = (site: Site, id: string, values: unknown) => must(site, 'PUT', of(id), { [key]: values });
  return {
    ...volumeGlobal(kind, 'chosen', of),
    read: () => Promise.resolve(undefined),
    create: async (site, { id, body }) => {
      await put(site, id, body);
      return { id, made: body };
    },
    update: async (site, id, from, to) => {
      const { set } = difference(from, to);
      if (Object.keys(set).length > 0) await put(site, id, set);
    },
  };
};

export const quotas = limits('volume_quota', '/os-quota-sets', 'quota_set');
export const quotaClasses = limits('volume_quota_class', '/os-quota-class-sets', 'quota_class_set');
