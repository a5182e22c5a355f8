/** What the engine needs to know about one kind of homed resources. Each service declares its kinds. */
import type { Fault } from '@cascade/openstack-protocol/faults.js';
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { Body } from '../resources/kind.js';
import type { Homed } from '../routing/homed.js';
import type { Site } from '../sites/site.js';

export interface HomedKind {
  readonly kind: string;
  readonly service: ServiceName;
  /** Kinds whose rows may name one by a site's own id, and its own. */
  readonly namedBy: readonly string[];
  /** True where no feed tells of its changes: they are looked for when a site is reconciled. */
  readonly isUnfed?: true;
  /** True of one that each site makes by itself, and that is adopted where it is not homed yet. */
  isMadeBySites?(body: Body): boolean;
  /** What is said of one that does not exist. */
  absent(id: string): Fault;
  /** Whether a project may use another one's. */
  isSharedWith(id: string, projectId: string): Promise<boolean>;
  /** A site's own ids of the copies of one, the oldest first. @throws SiteUnreachable */
  find(site: Site, thing: Homed): Promise<string[]>;
  /** Makes a copy that bears the mark, and admits nothing yet. @throws SiteRefused, SiteUnreachable */
  make(site: Site, thing: Homed): Promise<Body>;
  /**
   * Reads at its home what its copies are to be like; by what was seen last where that is silent.
   * @param without ids of what is about to be taken from it
   * @returns undefined where its home says that it is gone
   */
  read(thing: Homed, without: ReadonlySet<string>): Promise<WantedOfHomed | undefined>;
  /** Deletes what a site has under an id. @returns what the site said @throws SiteUnreachable */
  remove(site: Site, id: string): Promise<OpenStackResponse>;
  /** Whether something at a site is known to use it. */
  isUsedAt(siteId: number, id: string): Promise<boolean>;
  /** Whether a site has one of this id that is no copy. @returns its body @throws SiteUnreachable */
  readOriginal(site: Site, id: string): Promise<Body | undefined>;
  /** What an operator should know of a site. @throws SiteUnreachable */
  warnings?(site: Site): Promise<string[]>;
  /** Everything at a site that bears the mark: the id as it is known here, and that of which it is a copy. */
  marked(site: Site): Promise<{ readonly id: string; readonly of: string }[]>;
}

export interface WantedOfHomed {
  /**
   * Brings one site to it: what is too much goes before what is missing comes.
   * @returns false where the site has it no more
   * @throws SiteRefused, SiteUnreachable
   */
  bring(site: Site): Promise<boolean>;
}
