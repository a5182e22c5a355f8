import type { Route } from '../openstack/route.js';
import type { World } from '../routing/world.js';

export const imageRoutes = (_world: World): Route[] => [];
