/** What differs between OpenStack services, as data: engines ask the row and know no service by name. */
import type { Fault, FaultContext } from './faults.js';
import type { OpenStackRequest } from './message.js';
import type { Microversions } from './microversion-header.js';
import type { Step } from './microversion-steps.js';
import type { ServiceName } from './service-name.js';
import type { Policies } from './server/refusal-by-policy.js';
import type { Unrouted } from './server/unrouted.js';
import type { VersionDocument } from './server/versions.js';

export type { ServiceName } from './service-name.js';

export interface Service {
  readonly name: ServiceName;
  /** Official service type first, then the aliases under which clients look it up. @see service-types-authority */
  readonly types: readonly string[];
  /** The project's name, as catalogs show it (`nova`). */
  readonly project: string;
  /** Its entries in the catalog of a cloud that has it; several where clients look it up by an older type alone. */
  readonly catalog: readonly CatalogRow[];
  /** Version prefix of every API call below the service's root (`/v2.1`); '' where there is none. */
  readonly version: string;
  /** Prefixes of the same API without microversions (Nova's `/v2`). */
  readonly legacyVersions?: readonly string[];
  readonly projectInPath?: ProjectInPath;
  /** What clients may put behind any path without a meaning (`/networks.json`). */
  readonly suffix?: string;
  /** True where the last of several values of a query parameter counts, as in webob's `req.GET[name]`; elsewhere the first. */
  readonly takesLastValue?: true;
  /** Those that this program can honour. */
  readonly microversions?: Microversions;
  /** What they changed, and what becomes of it at older sites; absent where no site is asked in a tenant's microversion. */
  readonly steps?: readonly Step[];
  /** True where whoever answers a request routes it, too: the front door hands it on whole. */
  readonly isPassedOn?: true;
  /** The service's version documents; undefined for a path that is none. */
  versionDocument?(asked: VersionsAsked): VersionDocument | undefined;
  /** Words of a refusal that an older or poorer site gives to what another takes; absent where microversions tell sites apart. */
  readonly unknownFields?: RegExp;
  readonly unrouted: Unrouted;
  /** Absent where whoever answers a request decides that, too. */
  readonly policies?: Policies;
  /** A fault in the service's own form; absent where all of them are webob's pages (Glance). */
  faultBody?(fault: Fault, context: FaultContext): unknown;
  /** Explanation of 401 where the service gives it itself; the others leave that to keystonemiddleware. */
  readonly unauthorized?: string;
  /** A second header for the id of a request. */
  readonly requestIdHeader?: string;
  /** The refusal of an availability zone that does not exist, where requests name zones. */
  noSuchZone?(name: string): Fault;

  /** Whether sites are asked for it, and whether a cloud without it can be one; absent where the cascade's own answers. */
  readonly atSites?: 'needed' | 'optional';
  /** What the operator is told of a cloud that has none. */
  readonly warnsIfMissing?: string;
  /** Where a cloud shows whether it takes a token, and whether a credential sees all projects; one service's is enough. */
  readonly trialList?: TrialList;
  /** Where it lists its extensions, below `version`, if clouds differ in those that they have. */
  readonly extensions?: string;
  /** In which services a write to this one has effects. */
  readonly effects: readonly ServiceName[];
  /** True where what is deleted is gone when the site answers; elsewhere it goes on being shown until it is. */
  readonly deletesAtOnce?: true;
  /** True where a create may make ports, which are in a security group of their project. */
  readonly makesPorts?: true;
  /** True for a request that a site would treat otherwise than the tenant's own if it came from a service. */
  differsFromService?(request: Pick<OpenStackRequest, 'method' | 'path' | 'body'>): boolean;
}

export interface CatalogRow {
  readonly type: string;
  readonly name: string;
  /** What stands behind the service's root (`/v2.1`); '' where clients discover it. */
  readonly path: string;
  /** True where the project's id follows: without a project, Keystone leaves such an entry out. */
  readonly endsInProject?: true;
}

/** A list by which a credential is tried. */
export interface TrialList {
  /** What it lists, as the operator reads it (`servers`). */
  readonly of: string;
  /** Below `version`. */
  readonly path: string;
  /** Query that shows an administrator every project's. */
  readonly everyProject: string;
}

/** Clients put a project id behind the version. */
export interface ProjectInPath {
  /** True for a request that is not complete without it. */
  isNeeded(path: string): boolean;
  /** What is said where it is not the caller's project. */
  mismatch(inPath: string, ofCaller: string): string;
}

/** A request that may be one for a version document. */
export interface VersionsAsked {
  /** Below the service's root: `/`, `/v2.1/`, `/v2.1/{project_id}/` */
  readonly rest: string;
  /** The service's root as the caller sees it. */
  readonly url: string;
  readonly range: Pick<Microversions, 'min' | 'max'> | undefined;
  /** Minor versions that the cloud lists, where they are no microversions (Glance). @default what the program has */
  readonly minors?: readonly string[] | undefined;
}
