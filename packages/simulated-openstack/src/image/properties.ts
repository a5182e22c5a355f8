/** What an image may be given, and by whom. @see openstack/glance:glance/api/v2/images.py, glance/domain/__init__.py */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bestReport } from '@cascade/openstack-protocol/validation/validation-report.js';
import { schemas } from '@cascade/openstack-adapter/image/schema.js';
import type { Image, Operation } from './image.js';
import { refuseLocations } from './locations.js';

/** Never among what a new image is given, not even to match the schema. */
const disallowed = ['direct_url', 'self', 'file', 'schema', 'stores'];

/** Properties that are Glance's own to set. */
export const readOnly: ReadonlySet<string> = new Set([
  'created_at',
  'updated_at',
  'status',
  'checksum',
  'size',
  'virtual_size',
  'direct_url',
  'self',
  'file',
  'schema',
  'os_hash_algo',
  'os_hash_value',
]);

export const isReserved = (name: string): boolean =>
  name === 'location' || name === 'deleted' || name === 'deleted_at' || name.startsWith('os_glance');

/** Columns; anything else is a custom property. */
const columns = new Set([
  'name',
  'visibility',
  'protected',
  'os_hidden',
  'owner',
  'container_format',
  'disk_format',
  'tags',
  'min_ram',
  'min_disk',
]);

export const imageReport = bestReport(schemas['image']!);

/** @throws Fault 400 */
export function checkSchema(given: Readonly<Record<string, unknown>>): void {
  const why = imageReport(given);
  if (why !== undefined) throw new Fault('bad-request', `Provided object does not match schema 'image': ${why}`);
}

/** @throws Fault 400, 403 for what a new image is never given */
function checkNew(given: Readonly<Record<string, unknown>>): void {
  const refused = disallowed.find((name) => Object.hasOwn(given, name));
  if (refused !== undefined) throw new Fault('forbidden', `Attribute '${refused}' is read-only.`);
  checkSchema(given);
  for (const name of Object.keys(given)) {
    if (name.length > 255) throw new Fault('bad-request', 'Custom property should not be greater than 255 characters.');
    if (isReserved(name)) {
      const detail = `Attribute '${name}' is reserved.`;
      throw new Fault('forbidden', 'Access was denied to this resource.', { detail });
    }
  }
}

/** @throws Fault 403 for what this caller may not set */
function checkPolicy(caller: Caller, name: string, value: unknown): void {
  if (name === 'visibility' && value === 'public' && !caller.isAdmin) {
    throw new Fault('forbidden', 'You are not authorized to complete publicize_image action.');
  }
  if (name === 'owner' && !caller.isAdmin && value !== caller.projectId) {
    throw new Fault('forbidden', `You are not permitted to create images owned by '${String(value)}'.`);
  }
}

/** @throws Fault 400 */
function checkSign(name: string, value: unknown): void {
  if (name !== 'min_ram' && name !== 'min_disk') return;
  if (Number(value) < 0) {
    const why = 'Cannot be a negative value';
    throw new Fault('bad-request', `Invalid value '${String(value)}' for parameter '${name}': ${why}`);
  }
}

/** Glance's default image_property_quota. */
const mostProperties = 128;

/** @throws Fault 413. @see openstack/glance:glance/quota/__init__.py ExtraPropertiesProxy, common/exception.py */
function checkQuota(properties: Readonly<Record<string, string>>): void {
  const count = Object.keys(properties).length;
  if (count <= mostProperties) return;
  const words = `The limit has been exceeded on the number of allowed image properties. Attempted: ${count}, Maximum: ${mostProperties}`;
  throw new Fault('too-large', words);
}

const mostInt = 2_147_483_647;
/** Beyond the basic plane, which MySQL's three-byte `utf8` does not hold. */
const astral = /[\u{10000}-\u{10FFFF}]/u;

/** What the database does not hold. @throws Fault 400 @see openstack/glance:glance/db/sqlalchemy/api.py _image_update */
function checkStorable(columns: Readonly<Record<string, unknown>>, properties: Readonly<Record<string, string>>): void {
  for (const [name, value] of [...Object.entries(columns), ...Object.entries(properties)]) {
    if (astral.test(name)) throw new Fault('bad-request', "Property names can't contain 4 byte unicode.");
    if (typeof value === 'string' && astral.test(value)) {
      const title = name.toLowerCase().replace(/(?<![a-z])[a-z]/g, (letter) => letter.toUpperCase());
      throw new Fault('bad-request', `${title} can't contain 4 byte unicode characters.`);
    }
  }
  for (const name of ['min_disk', 'min_ram']) {
    if (Number(columns[name] ?? 0) > mostInt)
      throw new Fault('bad-request', `'${name}' value out of range, must not exceed ${mostInt}.`);
  }
  const { tags = [] } = columns as { tags?: readonly string[] };
  if (tags.some((tag) => astral.test(tag)))
    throw new Fault('bad-request', "Param values can't contain 4 byte unicode.");
}

const columnValue = (name: string, value: unknown): unknown =>
  name === 'tags' ? [...new Set(value as string[])] : value;

/** Fields of a new image. @throws Fault 400, 403 */
export function readImage(caller: Caller, given: Readonly<Record<string, unknown>>): Partial<Image> {
  checkNew(given);
  const fields: Record<string, unknown> = { owner: caller.projectId ?? null };
  const properties: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    checkPolicy(caller, name, value);
    if (readOnly.has(name)) throw new Fault('forbidden', `Attribute '${name}' is read-only.`);
    if (name === 'locations') throw new Fault('forbidden', "Attribute 'locations' is reserved.");
    checkSign(name, value);
    if (name === 'id' || columns.has(name)) fields[name] = columnValue(name, value);
    else properties[name] = value as string;
  }
  checkQuota(properties);
  checkStorable(fields, properties);
  return { ...fields, properties } as Partial<Image>;
}

const missing = (name: string): Fault => conflict(`Property ${name} does not exist.`);
const conflict = (detail: string): Fault =>
  new Fault('conflict', 'There was a conflict when trying to complete your request.', { detail });

/** Changes of a JSON patch. @throws Fault 400, 403, 409 */
export function patched(caller: Caller, image: Image, operations: readonly Operation[]): Partial<Image> {
  const changes: Record<string, unknown> = {};
  const properties: Record<string, string> = { ...image.properties };
  for (const operation of operations) {
    const { op, path, value, draft } = operation;
    const [name] = path;
    if (name === 'locations') refuseLocations(image, operation);
    const isThere = columns.has(name) || Object.hasOwn(properties, name);
    if (op === 'remove') {
      if (columns.has(name)) {
        const detail = `Property ${name} may not be removed.`;
        throw new Fault('forbidden', 'Access was denied to this resource.', { detail });
      }
      if (!isThere) throw missing(name);
      delete properties[name];
      continue;
    }
    checkPolicy(caller, name, value);
    if (op === 'replace' && !isThere) throw missing(name);
    if (op === 'add' && isThere && draft === 4) throw conflict(`Property ${name} already present.`);
    checkSign(name, value);
    if (columns.has(name)) changes[name] = columnValue(name, value);
    else properties[name] = value as string;
  }
  checkQuota(properties);
  checkStorable(changes, properties);
  return { ...changes, properties } as Partial<Image>;
}
