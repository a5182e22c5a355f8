/** Hosts, backends and clusters of sites: `site:host@backend`, since two sites may call theirs the same. */
import type { Site } from '../../sites/site.js';
import type { World } from '../../routing/world.js';

export const hostMark = ':';

export const hostAt = (site: Site, host: string): string => `${site.name}${hostMark}${host}`;

export interface NamedHost {
  /** Undefined where the name begins with no site: the service's own words refuse it. */
  readonly site: Site | undefined;
  /** As the site calls it; '' where the site alone is named. */
  readonly host: string;
}

export function hostNamed(world: World, text: string): NamedHost {
  const at = text.indexOf(hostMark);
  const site = world.sites.byName(at < 0 ? text : text.slice(0, at));
  return site ? { site, host: at < 0 ? '' : text.slice(at + 1) } : { site: undefined, host: text };
}
