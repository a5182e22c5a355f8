import type { Migration } from '../migrate.js';

export const networkIndexes: Migration = {
  number: 4,
  name: 'network-indexes',
  sql: `
    -- What Horizon and Heat ask most: the ports and subnets of a network, and the ports of a server or router.
    create index resource_of_network on resource ((facts->>'network_id')) where kind in ('port', 'subnet');
    create index port_of_device on resource ((facts->>'device_id')) where kind = 'port';
    -- Each tenant's list of networks also has those that are for all: few among many.
    create index network_for_all on resource (kind, id)
      where kind = 'network' and (facts->>'shared' = 'true' or facts->>'router:external' = 'true');
  `,
};
