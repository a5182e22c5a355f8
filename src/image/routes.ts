/**
 * Glance's API, below `/v2`. An image lives in one site; what belongs to no image is one site's or all sites' answer.
 * @see openstack/glance:glance/api/v2/router.py
 */
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { createAtHome, readAtHome } from '../routing/any-site.js';
import { passOne } from '../routing/pass.js';
import type { World } from '../routing/world.js';
import { listCaches, tellCaches } from './cache.js';
import { createImage } from './create-image.js';
import { downloadImage } from './download-image.js';
import { importImage } from './import-image.js';
import { listImages } from './list-images.js';
import { metadefRoutes } from './metadef-routes.js';
import { deleteImage, passBelow, showImage, updateImage, writeBelow, writeMembers } from './pass-image.js';
import { readNamedAtHome } from './older-glance.js';
import { listTasks } from './tasks.js';

/** @param importHosts see `importImage` */
export const imageRoutes = (world: World, importHosts: ReadonlySet<string> = new Set()): Route[] => [
  ...images(world, importHosts),
  ...members(world),
  ...documents(world),
  ...operations(world),
  ...metadefRoutes(world),
];

const images = (world: World, importHosts: ReadonlySet<string>): Route[] => [
  route('GET /images', 'reader', listImages(world)),
  route('POST /images', 'member', createImage(world)),
  route('GET /images/{image_id}', 'reader', showImage(world)),
  route('PATCH /images/{image_id}', 'member', updateImage(world)),
  route('DELETE /images/{image_id}', 'member', deleteImage(world)),
  route('GET /images/{image_id}/file', 'reader', downloadImage(world)),
  route('PUT /images/{image_id}/file', 'member', writeBelow(world, { streams: true })),
  route('PUT /images/{image_id}/stage', 'member', writeBelow(world, { streams: true })),
  route('POST /images/{image_id}/import', 'member', importImage(world, importHosts)),
  route('GET /images/{image_id}/tasks', 'reader', passBelow(world)),
  route('POST /images/{image_id}/actions/deactivate', 'member', writeBelow(world)),
  route('POST /images/{image_id}/actions/reactivate', 'member', writeBelow(world)),
  route('PUT /images/{image_id}/tags/{tag}', 'member', writeBelow(world)),
  route('DELETE /images/{image_id}/tags/{tag}', 'member', writeBelow(world)),
  // Where the site keeps the bytes: paths and hosts that are no tenant's to see.
  route('GET /images/{image_id}/locations', 'service', passBelow(world, { newer: locations })),
  route('POST /images/{image_id}/locations', 'member or service', writeBelow(world, { newer: locations })),
];

const locations = 'locations of images by their path';
const caching = 'this request about cached images';

const members = (world: World): Route[] => [
  route('GET /images/{image_id}/members', 'reader', passBelow(world)),
  route('POST /images/{image_id}/members', 'member', writeMembers(world)),
  route('GET /images/{image_id}/members/{member_id}', 'reader', passBelow(world)),
  route('PUT /images/{image_id}/members/{member_id}', 'member', writeMembers(world)),
  route('DELETE /images/{image_id}/members/{member_id}', 'member', writeMembers(world)),
];

const schemas = [
  'images',
  'image',
  'members',
  'member',
  'tasks',
  'task',
  'metadefs/namespace',
  'metadefs/namespaces',
  'metadefs/resource_type',
  'metadefs/resource_types',
  'metadefs/object',
  'metadefs/objects',
  'metadefs/property',
  'metadefs/properties',
  'metadefs/tag',
  'metadefs/tags',
];

const documents = (world: World): Route[] => [
  ...schemas.map((name) => route(`GET /schemas/${name}`, 'reader', readAtHome(world))),
  route('GET /info/import', 'reader', readAtHome(world)),
  route('GET /info/stores', 'reader', readAtHome(world)),
  route('GET /info/stores/detail', 'service', readNamedAtHome(world, 'details of stores')),
  route('GET /info/usage', 'reader', readAtHome(world)),
];

const operations = (world: World): Route[] => [
  route('GET /tasks', 'admin', listTasks(world)),
  route('POST /tasks', 'admin', createAtHome(world, 'task')),
  route('GET /tasks/{task_id}', 'admin', passOne(world, 'task', 'task_id')),
  route('DELETE /tasks/{task_id}', 'admin', passOne(world, 'task', 'task_id')),
  route('GET /cache', 'admin', listCaches(world)),
  route('DELETE /cache', 'admin', tellCaches(world)),
  route('POST /cache/clean', 'admin', tellCaches(world)),
  route('POST /cache/prune', 'admin', tellCaches(world)),
  route('PUT /cache/{image_id}', 'admin', passBelow(world, { newer: caching })),
  route('DELETE /cache/{image_id}', 'admin', passBelow(world, { newer: caching })),
  route('GET /cache/nodes/{image_id}', 'admin', passBelow(world, { newer: caching })),
  route('DELETE /stores/{store_id}/{image_id}', 'admin', writeBelow(world)),
];
