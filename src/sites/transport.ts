/** What lies behind a site's gateway: an OpenStack cloud over HTTP, or an adapter in this process. */
import type { Principal } from '@cascade/openstack-protocol/caller.js';
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { Discovery } from './discover.js';
import type { SiteCapabilities, SiteRequest } from './site.js';
import type { SiteAddress } from './endpoints.js';

/** An open connection to one cloud. It knows neither the cascade's ids nor whether the cloud is believed to be up. */
export interface SiteConnection {
  /**
   * Sends one request.
   * @param deadlineMs until the response begins
   * @throws NotLoggedIn where no token could be had, NoAnswer where no response came
   */
  send(
    asked: SiteRequest,
    principal: Principal | undefined,
    known: SiteCapabilities,
    deadlineMs: number,
  ): Promise<OpenStackResponse>;
  /** Asks a service for its version document, which needs no token. @throws Error where it does not answer */
  probe(service: ServiceName, known: SiteCapabilities): Promise<void>;
  /** What the cloud can do now; what it does not tell stays as `known`. @throws NotLoggedIn */
  rediscover(at: Pick<SiteAddress, 'region' | 'interface'>, known: SiteCapabilities): Promise<SiteCapabilities>;
  close(): Promise<void>;
}

/** A cloud that can be connected to: its address, and how. */
export interface CloudAddress extends SiteAddress {
  readonly verifyTls: boolean;
}

export interface SiteTransport {
  /** Looks at a cloud before it becomes a site. @throws Fault 400 with what is missing */
  discover(address: CloudAddress, tenantToken?: string): Promise<Discovery>;
  connect(address: Pick<CloudAddress, 'authUrl' | 'credential' | 'verifyTls'>): SiteConnection;
}
