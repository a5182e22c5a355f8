/** A site's row, and what operators see of it. */
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { PublicCredential } from './credential.js';
import type { HealthView } from './health.js';
import type { SiteCapabilities, SiteState } from './site.js';
import type { SiteAddress } from './endpoints.js';

/** All that makes a site of a cloud, but the secret of its credential. */
export interface ExportedSite {
  readonly id: number;
  readonly name: string;
  readonly state: SiteState;
  readonly auth_url: string;
  readonly region: string;
  readonly interface: SiteAddress['interface'];
  readonly insecure: boolean;
  /** Who logs in. */
  readonly auth: PublicCredential;
  /** With the secret; opens with the cascade's secret key. */
  readonly sealed_credential: string;
}

/** A site as operators see it: no secrets. */
export interface SiteView {
  readonly id: number;
  readonly name: string;
  readonly state: SiteState;
  readonly auth_url: string;
  readonly region: string;
  readonly interface: string;
  readonly created_at: Date;
  readonly health: Record<string, { status: 'reachable' | 'unreachable'; since: Date; last_error?: string }>;
  readonly capabilities: SiteCapabilities;
}

export interface SiteRow {
  id: number;
  name: string;
  state: SiteState;
  auth_url: string;
  region: string;
  interface: SiteAddress['interface'];
  verify_tls: boolean;
  credential: string;
  capabilities: SiteCapabilities;
  created_at: Date;
}

/** @param health of each service */
export function viewOf(row: SiteRow, healthOf: (service: ServiceName) => HealthView): SiteView {
  const health: SiteView['health'] = {};
  for (const service of Object.keys(row.capabilities.endpoints) as ServiceName[]) {
    const { reachable, since, lastError } = healthOf(service);
    health[service] = {
      status: reachable ? 'reachable' : 'unreachable',
      since,
      ...(lastError ? { last_error: lastError } : {}),
    };
  }
  const { id, name, state, auth_url, region, created_at, capabilities } = row;
  return { id, name, state, auth_url, region, interface: row.interface, created_at, health, capabilities };
}
