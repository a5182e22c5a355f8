/** Metadata definitions: who may change them is the policy of the site that keeps them. */
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { World } from '../routing/world.js';
import { passToSpeaker } from './speaker.js';

const namespace = '/metadefs/namespaces/{namespace_name}';

const reads = [
  '/metadefs/namespaces',
  namespace,
  '/metadefs/resource_types',
  `${namespace}/resource_types`,
  `${namespace}/objects`,
  `${namespace}/objects/{object_name}`,
  `${namespace}/properties`,
  `${namespace}/properties/{property_name}`,
  `${namespace}/tags`,
  `${namespace}/tags/{tag_name}`,
];

const writes = [
  'POST /metadefs/namespaces',
  `PUT ${namespace}`,
  `DELETE ${namespace}`,
  `POST ${namespace}/resource_types`,
  `DELETE ${namespace}/resource_types/{name}`,
  `POST ${namespace}/objects`,
  `DELETE ${namespace}/objects`,
  `PUT ${namespace}/objects/{object_name}`,
  `DELETE ${namespace}/objects/{object_name}`,
  `POST ${namespace}/properties`,
  `DELETE ${namespace}/properties`,
  `PUT ${namespace}/properties/{property_name}`,
  `DELETE ${namespace}/properties/{property_name}`,
  `POST ${namespace}/tags`,
  `DELETE ${namespace}/tags`,
  `POST ${namespace}/tags/{tag_name}`,
  `PUT ${namespace}/tags/{tag_name}`,
  `DELETE ${namespace}/tags/{tag_name}`,
];

export const metadefRoutes = (world: World): Route[] => [
  ...reads.map((path) => route(`GET ${path}`, 'reader', passToSpeaker(world))),
  ...writes.map((row) => route(row, 'member', passToSpeaker(world))),
];
