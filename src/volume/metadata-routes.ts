/** Metadata of volumes and snapshots. */
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';

/**
 * @param of the path of the one that has them
 * @param below what passes on what is asked of it
 */
export const metadataRoutes = (of: string, below: Route['run']): Route[] => [
  route(`GET ${of}/metadata`, 'reader', below),
  route(`POST ${of}/metadata`, 'member', below),
  route(`PUT ${of}/metadata`, 'member', below),
  route(`GET ${of}/metadata/{key}`, 'reader', below),
  route(`PUT ${of}/metadata/{key}`, 'member', below),
  route(`DELETE ${of}/metadata/{key}`, 'member', below),
];
