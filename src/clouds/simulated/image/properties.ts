/** What an image may be given, and by whom. @see openstack/glance:glance/api/v2/images.py RequestDeserializer */
import type { Caller } from '../../../openstack/caller.js';
import { Fault } from '../../../openstack/faults.js';
import type { Image } from './image.js';
import { imageProperties } from './schema.js';

/** Properties that are Glance's own to set. */
const readOnly = new Set([
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
const reserved = new Set(['locations', 'stores', 'deleted', 'deleted_at']);

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

const removable = (name: string): boolean => !columns.has(name) && name !== 'id' && !readOnly.has(name);

/** A value as Python writes it. */
const shown = (value: unknown): string =>
  value === null
    ? 'None'
    : typeof value === 'string'
      ? `'${value}'`
      : typeof value === 'boolean'
        ? value
          ? 'True'
          : 'False'
        : JSON.stringify(value);

const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;

/** @throws Fault 400 in the words of Glance's schema check, first line */
function checkSchema(name: string, value: unknown): void {
  const refuse = (why: string): never => {
    throw new Fault('bad-request', `Provided object does not match schema 'image': ${shown(value)} ${why}`);
  };
  const property = Object.hasOwn(imageProperties, name) ? imageProperties[name] : undefined;
  const types = property ? [property.type].flat() : ['string'];
  if (!types.includes(typeOf(value))) refuse(`is not of type ${types.map((type) => `'${type}'`).join(', ')}`);
  if (property?.enum && !property.enum.includes(value as string | null))
    refuse(`is not one of [${property.enum.map(shown).join(', ')}]`);
  if (typeof value !== 'string') return;
  if (property?.maxLength !== undefined && value.length > property.maxLength) refuse('is too long');
  if (property?.pattern !== undefined && !new RegExp(property.pattern).test(value))
    refuse(`does not match '${property.pattern}'`);
}

/** @throws Fault 400, 403 for what nobody may set, or not this caller */
function check(caller: Caller, name: string, value: unknown): void {
  if (readOnly.has(name)) throw new Fault('forbidden', `Attribute '${name}' is read-only.`);
  if (reserved.has(name)) throw new Fault('forbidden', `Attribute '${name}' is reserved.`);
  if (name.startsWith('os_glance')) throw new Fault('forbidden', `Attribute '${name}' is reserved.`);
  checkSchema(name, value);
  if (name === 'visibility' && value === 'public' && !caller.isAdmin) {
    throw new Fault('forbidden', 'You are not authorized to complete publicize_image action.');
  }
  if (name === 'owner' && !caller.isAdmin && value !== caller.projectId) {
    throw new Fault('forbidden', `You are not permitted to create images owned by '${String(value)}'.`);
  }
  if ((name === 'min_ram' || name === 'min_disk') && Number(value) < 0) {
    throw new Fault(
      'bad-request',
      `Invalid value '${String(value)}' for parameter '${name}': Cannot be a negative value`,
    );
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

/** Fields of a new image. @throws Fault 400, 403 */
export function readImage(caller: Caller, given: Record<string, unknown>): Partial<Image> {
  const fields: Record<string, unknown> = { owner: caller.projectId ?? null };
  const properties: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    check(caller, name, value);
    if (name === 'id') fields[name] = value;
    else if (columns.has(name)) fields[name] = name === 'tags' ? [...new Set(value as string[])] : value;
    else properties[name] = value as string;
  }
  checkQuota(properties);
  return { ...fields, properties } as Partial<Image>;
}

export interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** Changes of a JSON patch. @throws Fault 400, 403, 409 */
export function patched(caller: Caller, image: Image, operations: readonly Operation[]): Partial<Image> {
  const changes: Record<string, unknown> = {};
  const properties: Record<string, string> = { ...image.properties };
  for (const { op, path, value } of operations) {
    const name = path.slice(1).replaceAll('~1', '/').replaceAll('~0', '~');
    if (name === 'id' || name === '') throw new Fault('forbidden', `Attribute '${name}' is read-only.`);
    if (op === 'remove') {
      if (readOnly.has(name)) throw new Fault('forbidden', `Attribute '${name}' is read-only.`);
      if (!removable(name)) throw new Fault('forbidden', `Property '${name}' may not be removed.`);
      if (!Object.hasOwn(properties, name)) throw new Fault('conflict', `Property ${name} does not exist.`);
      delete properties[name];
      continue;
    }
    check(caller, name, value);
    if (columns.has(name)) changes[name] = name === 'tags' ? [...new Set(value as string[])] : value;
    else {
      const isThere = Object.hasOwn(properties, name);
      if (op === 'replace' && !isThere) throw new Fault('conflict', `Property ${name} does not exist.`);
      properties[name] = value as string;
    }
  }
  checkQuota(properties);
  return { ...changes, properties } as Partial<Image>;
}

/** @throws Fault 400 for what is no JSON patch of Glance's dialect */
export function readPatch(body: unknown): Operation[] {
  const bad = (words: string): never => {
    throw new Fault('bad-request', words);
  };
  if (!Array.isArray(body)) return bad('Request body must be a JSON array of operation objects.');
  return body.map((raw): Operation => {
    if (typeof raw !== 'object' || raw === null) return bad('Operations must be JSON objects.');
    const { op, path, value } = raw as Record<string, unknown>;
    if (op !== 'add' && op !== 'replace' && op !== 'remove') {
      return bad(
        op === undefined
          ? 'Unable to find `op` in JSON Schema change. It must be one of the following: add, replace, remove.'
          : `Invalid operation: \`${String(op)}\`. It must be one of the following: add, replace, remove.`,
      );
    }
    if (typeof path !== 'string') return bad("Unable to find 'path' in JSON Schema change");
    if (!path.startsWith('/')) return bad(`Pointer \`${path}\` does not start with "/".`);
    if (/\/\//.test(path) || path.endsWith('/')) return bad(`Pointer \`${path}\` contains adjacent "/".`);
    if (op !== 'remove' && value === undefined) return bad(`Operation "${op}" requires a member named "value".`);
    return { op, path, value };
  });
}
