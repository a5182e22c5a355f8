/** Ids of what the cascade shows of a site and keeps in no table. */
import { createHash } from 'node:crypto';
import type { Site } from './site.js';

/** The same uuid (of version 5's form) for the same names, in every process and after every restart. */
export function stableUuid(...names: readonly string[]): string {
  const hex = createHash('sha1').update(names.join('/')).digest('hex');
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}

/** A site's hypervisor in Nova from 2.53 on, and its resource provider in Placement: one id, as in one cloud. */
export const hypervisorUuid = (site: Site): string => stableUuid('hypervisor', String(site.id), site.name);
