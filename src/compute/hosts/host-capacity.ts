/** The room of a site's hosts, as its own Nova sums it up. */
import type { HypervisorStatistics } from '@cascade/openstack-protocol/compute/hypervisor-statistics.js';
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { ReadingSource } from '../../placement/site-readings.js';

export const hostCapacity: ReadingSource<HypervisorStatistics> = {
  name: 'hosts',
  service: 'compute',
  read: async (site) => {
    // The last microversion that has statistics. @see nova's api-ref: "available until version 2.87"
    const asked = {
      service: 'compute',
      method: 'GET',
      path: '/os-hypervisors/statistics',
      microversion: '2.87',
    } as const;
    const body = bodyOf(await site.request(asked)) as { hypervisor_statistics?: HypervisorStatistics } | undefined;
    return body?.hypervisor_statistics;
  },
};
