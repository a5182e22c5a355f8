/** Measures what is asked of a site: how much of the site's time went into what was asked. */
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { Principal } from '@cascade/openstack-protocol/caller.js';
import type { HealthView } from '../sites/health.js';
import type { Site, SiteCapabilities, SiteRequest, SiteState } from '../sites/site.js';

export class MeteredSite implements Site {
  /** Milliseconds of the site's time so far, whether it answered or not; what we waited for ourselves is not in it. */
  spentMs = 0;

  constructor(private readonly site: Site) {}

  get id(): number {
    return this.site.id;
  }
  get name(): string {
    return this.site.name;
  }
  get state(): SiteState {
    return this.site.state;
  }
  get capabilities(): SiteCapabilities {
    return this.site.capabilities;
  }

  health(service: ServiceName): HealthView {
    return this.site.health(service);
  }

  request(asked: SiteRequest, principal?: Principal): Promise<OpenStackResponse> {
    return this.site.request({ ...asked, spent: (ms) => (this.spentMs += ms) }, principal);
  }
}
