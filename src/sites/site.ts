/** A child cloud: one function that answers the OpenStack API, and plain data about what it can do. */
import type { VersionRange } from '@cascade/openstack-protocol/client/discovery.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Principal } from '@cascade/openstack-protocol/caller.js';
import { atLeast, parseMicroversion } from '@cascade/openstack-protocol/microversion.js';
import type { OpenStackRequest, OpenStackResponse, PathAsWritten } from '@cascade/openstack-protocol/message.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { HealthView } from './health.js';

/** What the operator wants of a site; that it is unreachable is seen, never set. */
export type SiteState = 'enabled' | 'draining' | 'maintenance';

export interface SiteCapabilities {
  /** Root URL in use per service, without version and project; then further URLs that its answers may name. */
  readonly endpoints: Partial<Record<ServiceName, readonly string[]>>;
  readonly microversions: Partial<Record<ServiceName, VersionRange>>;
  /** Aliases of Neutron's extensions. */
  readonly networkExtensions: readonly string[];
}

export interface SiteRequest extends OpenStackRequest {
  /** Wanted microversion; lowered to the site's own maximum. */
  readonly microversion?: string | undefined;
  /** True where it is worded for its microversion: one that the site does not have is the asker's to know, and no other is tried. */
  readonly isWorded?: boolean | undefined;
  /** What stands around the path in place of the service's version and the project. */
  readonly written?: PathAsWritten | undefined;
  /** Milliseconds; the site's own deadline where none is given. */
  readonly deadlineMs?: number;
  /** An image's data: it may take hours and keeps no other request waiting. */
  readonly bulk?: boolean | undefined;
  /**
   * Told how many milliseconds the site worked on it, whether it answered or not: without our own waiting for its limits
   * or a login. An adapter in process may never call it.
   */
  readonly spent?: ((ms: number) => void) | undefined;
}

export interface Site {
  readonly id: number;
  /** The availability zone tenants see. */
  readonly name: string;
  readonly state: SiteState;
  readonly capabilities: SiteCapabilities;
  health(service: ServiceName): HealthView;
  /**
   * Sends one request for a principal, or for the cascade itself (the site's own credential) where none is given.
   * Repeated after a 401 to a credential that the cascade holds, and where a connection was closed before the response to
   * an idempotent request arrived; never otherwise.
   * @throws SiteUnreachable — silence is never an answer, least of all 404
   */
  request(asked: SiteRequest, principal?: Principal): Promise<OpenStackResponse>;
}

/** True where the site's service knows this microversion: `speaks(site, 'compute', '2.64')`. */
export const speaks = ({ capabilities }: Pick<Site, 'capabilities'>, service: ServiceName, floor: string): boolean =>
  atLeast(parseMicroversion(capabilities.microversions[service]?.max ?? ''), floor);

/** What a tenant reads when no site can be asked. */
export const noZoneAnswers = (): Fault =>
  new Fault('unavailable', 'No availability zone answers at the moment.', { headers: { 'retry-after': '10' } });

export class SiteUnreachable extends Fault {
  constructor(
    readonly site: string,
    /** True only when the site certainly did not take the request. */
    readonly notTaken: boolean,
    /** For the log and the operator; may name hosts, so no tenant reads it. */
    readonly reason: string,
    /** True where that is known of the site, and no longer one late answer: what was seen last may be shown in its place. */
    readonly isDown = false,
  ) {
    super('unavailable', `Availability zone ${site} does not answer at the moment. Try again later.`, {
      headers: { 'retry-after': '10' },
      reason,
    });
    this.name = 'SiteUnreachable';
  }
}

/** For the `catch` of what may be left out where a site is silent; any other error goes on. */
export function ignoreSilence(error: unknown): undefined {
  if (error instanceof SiteUnreachable) return undefined;
  throw error;
}
