import type { Route } from '../openstack/route.js';
import type { World } from '../routing/world.js';

export const placementRoutes = (_world: World): Route[] => [];
