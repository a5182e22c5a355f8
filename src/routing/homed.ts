/** What is homed: made at its home, copied to another site when something there first needs it. `homed/` keeps it. See docs/decisions/0031. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Site } from '../sites/site.js';

export interface HomedAtSite {
  readonly siteId: number;
  /** Its alias is written; false while it is being made. */
  readonly isThere: boolean;
  /** Of a group `default`: kept as the shown one; null until that is decided. */
  readonly follows: boolean | null;
  /** Up to which change it has been brought. */
  readonly done: number;
}

/** Something homed, from when it is first needed at another site; and each project's group `default`. */
export interface Homed {
  readonly kind: string;
  /** What tenants know it by, in every zone. */
  readonly id: string;
  readonly projectId: string;
  /** Whose words are shown; null where that site was taken out. */
  readonly homeId: number | null;
  /** Each site's Neutron makes one of these by itself. */
  readonly isDefault: boolean;
  readonly deletingAt: Date | null;
  /** Counts up with whatever its sites are to be brought to. */
  readonly wanted: number;
  readonly sites: readonly HomedAtSite[];
}

/** What a site could not be brought to. */
export interface HomedError {
  readonly kind: string;
  readonly id: string;
  readonly error: string;
  readonly since: Date;
}

/** How a site differs from what it should be. */
export interface HomedDrift {
  /** How many are not yet as they are wanted. */
  readonly count: number;
  /** Why: the last ones. */
  readonly errors: readonly HomedError[];
  /** What is as it should be, and is not what a tenant thinks. */
  readonly warnings: readonly string[];
}

export interface HomedResources {
  /** Those among some ids. */
  among(kind: string, ids: readonly string[]): Promise<Homed[]>;
  /** The site whose words are shown of something, whether or not it has copies; undefined where nobody knows it. */
  homeOf(kind: string, id: string): Promise<Site | undefined>;
  /**
   * To be waited for before a request that names one at a site: from then on its copy is there, as wide as it is at home or
   * narrower. What the caller may not use is left to the site to refuse.
   * @throws Fault with the site's words where it refuses the copy; SiteUnreachable
   */
  ensure(kind: string, id: string, site: Site, caller?: Caller): Promise<void>;
  /** Something was changed at its home through the cascade: the others follow before this resolves, the silent ones later. */
  changed(kind: string, id: string): Promise<void>;
  /**
   * Something is taken from it at its home: every other site that answers loses it first.
   * @param without ids of what is taken, as its kind reads them at home
   */
  narrowing<T>(kind: string, id: string, without: readonly string[], work: () => Promise<T>): Promise<T>;
  /**
   * Deletes it: its copies first, so that a site where it is in use refuses that, then by `atHome`. What a silent site has is
   * removed when it is back.
   */
  removing(kind: string, id: string, atHome: () => Promise<OpenStackResponse>): Promise<OpenStackResponse>;
  /** Brings what has changed to the sites, of things whose home is minded by this process. */
  runDue(minded: (site: Site) => boolean): Promise<void>;
  /** Finds copies again, by their mark, that the database has lost, and what nobody knows any more. @throws SiteUnreachable */
  reconcile(site: Site): Promise<void>;
  drift(siteId: number): Promise<HomedDrift>;
}
