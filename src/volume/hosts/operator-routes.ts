/** What operators see of a Cinder: services, hosts, clusters and pools. */
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { World } from '../../routing/world.js';
import { listAtHosts, oneAtHost, writeAtHost } from './at-hosts.js';

export function operatorRoutes(world: World): Route[] {
  const clusters = listAtHosts(world, { keys: ['clusters'], hosts: ['name'], fields: ['name'] });
  const clustersSince = { since: '3.7' };
  return [
    route('GET /os-services', 'admin', listAtHosts(world, { keys: ['services'], hosts: ['host'] })),
    route('PUT /os-services/get-log', 'admin', writeAtHost(world, { everywhere: ['log_levels'] }), { since: '3.32' }),
    route('PUT /os-services/set-log', 'admin', writeAtHost(world, { everywhere: [] }), { since: '3.32' }),
    route('PUT /os-services/{action}', 'admin', writeAtHost(world, {})),
    route('GET /os-hosts', 'admin', listAtHosts(world, { keys: ['hosts'], zones: ['zone'] })),
    route('GET /os-hosts/{host_name}', 'admin', oneAtHost(world, 'host_name')),
    route('PUT /os-hosts/{host_name}', 'admin', oneAtHost(world, 'host_name')),
    route('GET /clusters', 'admin', clusters, clustersSince),
    route('GET /clusters/detail', 'admin', clusters, clustersSince),
    route('PUT /clusters/enable', 'admin', writeAtHost(world, { fields: ['name'] }), clustersSince),
    route('PUT /clusters/disable', 'admin', writeAtHost(world, { fields: ['name'] }), clustersSince),
    route('GET /clusters/{cluster_name}', 'admin', oneAtHost(world, 'cluster_name', ['name']), clustersSince),
    route(
      'GET /scheduler-stats/get_pools',
      'admin',
      listAtHosts(world, { keys: ['pools'], hosts: ['name'], fields: ['name'] }),
    ),
    route('GET /capabilities/{hostname}', 'admin', oneAtHost(world, 'hostname')),
    route('POST /workers/cleanup', 'admin', writeAtHost(world, { everywhere: ['cleaning', 'unavailable'] }), {
      since: '3.24',
    }),
  ];
}
