/** `/cache` of a Glance that keeps none. @see openstack/glance:glance/api/v2/cached_images.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { route, type Answer, type Route } from '@cascade/openstack-protocol/server/route.js';

const unsupported: Answer = () =>
  Promise.reject(new Fault('not-found', 'Caching via API is not supported at this site.'));

const paths = ['GET /cache', 'DELETE /cache', 'PUT /cache/{image_id}', 'DELETE /cache/{image_id}'];
const newerPaths = ['POST /cache/clean', 'POST /cache/prune', 'GET /cache/nodes/{image_id}'];

export const cacheRoutes = (isNewest: boolean): Route[] =>
  [...paths, ...(isNewest ? newerPaths : [])].map((path) => route(path, 'admin', unsupported));
