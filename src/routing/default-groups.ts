/** The one security group `default` of a project, as its users know it; `network/default-groups/` keeps it. See docs/decisions/0027. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Site } from '../sites/site.js';

/** A project's group `default`. */
export interface DefaultGroup {
  readonly projectId: string;
  /** What tenants know it by, in every zone. */
  readonly id: string;
  /** Whose rules are shown; null where no site has it any more. */
  readonly siteId: number | null;
  readonly sites: readonly {
    readonly siteId: number;
    /** Its rules are kept as the shown ones; null until that is decided. */
    readonly follows: boolean | null;
  }[];
}

export interface DefaultGroups {
  /** To be waited for before a list of groups or rules: Neutron makes a project's at the first one. */
  shown(caller: Caller, projectId: string | undefined): Promise<void>;
  /**
   * To be waited for before a request that may use a project's group at a site: from then on the site's gateway knows it, and
   * where nobody uses it yet, its rules are the shown ones.
   */
  ready(site: Site, caller: Caller, projectId: string | undefined): Promise<void>;
  /** Those among some ids of security groups. */
  among(ids: readonly string[]): Promise<DefaultGroup[]>;
  /** How many projects have other rules at a site than those that are shown, until one of the shown ones is changed. */
  countApart(siteId: number): Promise<number>;
  /** Brings a site's groups to the shown ones, where they follow. @throws SiteUnreachable */
  reconcile(site: Site): Promise<void>;
  /** A tenant has changed the shown one: from now on the others follow it, whatever they said before. */
  changed(group: DefaultGroup): Promise<void>;
  /** An administrator has deleted it everywhere. */
  removed(group: DefaultGroup): Promise<void>;
}
