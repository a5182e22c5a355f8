/** What a new resource needs of a site, as the service it belongs to measures it. */
import type { Site } from '../sites/site.js';

export interface Need {
  /** False where the site has said that it has no room; one that never said is asked, it will say no itself. */
  fits(site: Site): boolean;
  /** The more the better, where several fit; in a unit of the service's own. */
  free(site: Site): number;
  /** False where the service itself is to refuse what fits nowhere (Cinder: the volume is made, and is in error). */
  readonly isBinding: boolean;
  /** Why a site that is named, or that references pin, can never take it though another can; undefined where it can. */
  lacking?(site: Site): Promise<string | undefined>;
}

/** One need that is all of them; how free a site is, the first one says. */
export const allOf = (first: Need, others: readonly Need[]): Need => ({
  fits: (site) => [first, ...others].every((need) => need.fits(site)),
  free: (site) => first.free(site),
  isBinding: first.isBinding,
  lacking: async (site) => {
    for (const need of [first, ...others]) {
      const words = await need.lacking?.(site);
      if (words) return words;
    }
    return undefined;
  },
});
