/** What Nova has removed, or keeps for a site's own services: one row each, with the answer of Nova 26. */
import { Fault, type FaultKind } from '@cascade/openstack-protocol/faults.js';
import { route, type Persona, type Route } from '@cascade/openstack-protocol/server/route.js';

interface Removed {
  readonly routes: readonly string[];
  readonly needs: Persona;
  readonly kind: FaultKind;
  readonly words: string;
  readonly until?: string;
}

const gone = {
  needs: 'reader',
  kind: 'gone',
  words: 'This resource is no longer available. No forwarding address is given.',
} as const;

const removed: readonly Removed[] = [
  {
    ...gone,
    routes: [
      'GET /os-agents',
      'POST /os-agents',
      'PUT /os-agents/{agent_build_id}',
      'DELETE /os-agents/{agent_build_id}',
      'GET /os-cells',
      'POST /os-cells',
      'GET /os-cells/capacities',
      'GET /os-cells/detail',
      'GET /os-cells/info',
      'POST /os-cells/sync_instances',
      'GET /os-cells/{cell_id}',
      'PUT /os-cells/{cell_id}',
      'DELETE /os-cells/{cell_id}',
      'GET /os-cells/{cell_id}/capacities',
      'POST /os-certificates',
      'GET /os-certificates/{certificate_id}',
      'GET /os-cloudpipe',
      'POST /os-cloudpipe',
      'PUT /os-cloudpipe/{cloudpipe_id}',
      'GET /os-fixed-ips/{fixed_ip}',
      'POST /os-fixed-ips/{fixed_ip}/action',
      'GET /os-floating-ip-dns',
      'PUT /os-floating-ip-dns/{domain}',
      'DELETE /os-floating-ip-dns/{domain}',
      'GET /os-floating-ip-dns/{domain}/entries/{name}',
      'PUT /os-floating-ip-dns/{domain}/entries/{name}',
      'DELETE /os-floating-ip-dns/{domain}/entries/{name}',
      'GET /os-floating-ips-bulk',
      'POST /os-floating-ips-bulk',
      'GET /os-floating-ips-bulk/{host_name}',
      'PUT /os-floating-ips-bulk/{host_name}',
      'GET /os-fping',
      'GET /os-fping/{instance_id}',
      'GET /os-security-group-default-rules',
      'POST /os-security-group-default-rules',
      'GET /os-security-group-default-rules/{rule_id}',
      'DELETE /os-security-group-default-rules/{rule_id}',
      'POST /os-networks/add',
      'POST /os-networks/{network_id}/action',
      'GET /servers/{server_id}/consoles',
      'POST /servers/{server_id}/consoles',
      'GET /servers/{server_id}/consoles/{console_id}',
      'DELETE /servers/{server_id}/consoles/{console_id}',
      'GET /servers/{server_id}/os-virtual-interfaces',
    ],
  },
  {
    // A cloud without Ironic, as far as Nova is concerned.
    routes: ['GET /os-baremetal-nodes', 'GET /os-baremetal-nodes/{node_id}'],
    needs: 'admin',
    kind: 'not-implemented',
    words: 'The requested functionality is not supported.',
    until: '2.35',
  },
  {
    // Between a site's own console proxy and its Nova; the cascade has no such tokens.
    routes: ['GET /os-console-auth-tokens/{console_token}'],
    needs: 'service',
    kind: 'not-found',
    words: 'Token not found',
  },
  {
    // Between a site's own Cinder and its Nova.
    routes: ['POST /os-assisted-volume-snapshots', 'DELETE /os-assisted-volume-snapshots/{snapshot_id}'],
    needs: 'service',
    kind: 'not-found',
    words: 'The resource could not be found.',
  },
];

export const removedRoutes = (): Route[] =>
  removed.flatMap(({ routes, needs, kind, words, until }) =>
    routes.map((path) =>
      route(path, needs, () => Promise.reject(new Fault(kind, words)), until === undefined ? {} : { until }),
    ),
  );
