/** The one security group `default` of a project, as its users know it; `network/default-groups/` adopts it. See docs/decisions/0027. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Site } from '../sites/site.js';
import type { Homed } from './homed.js';

export interface DefaultGroups {
  /** To be waited for before a list of groups or rules: Neutron makes a project's at the first one. */
  shown(caller: Caller, projectId: string | undefined): Promise<void>;
  /**
   * To be waited for before a request that may use a project's group at a site: from then on the site's gateway knows it, and
   * where nobody uses it yet, its rules are the shown ones.
   */
  ready(site: Site, caller: Caller, projectId: string | undefined): Promise<void>;
  /** How many projects have other rules at a site than those that are shown, until one of the shown ones is changed. */
  countApart(siteId: number): Promise<number>;
  /** Adopts a site's groups, and decides which of them follow. @throws SiteUnreachable */
  reconcile(site: Site): Promise<void>;
  /** An administrator has deleted it everywhere. */
  removed(group: Homed): void;
}
