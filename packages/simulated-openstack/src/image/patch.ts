/** JSON patches of images, in the two dialects of Glance. @see openstack/glance:glance/api/v2/images.py RequestDeserializer.update */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { imageProperties } from '@cascade/openstack-adapter/image/schema.js';
import { checkSchema, isReserved, readOnly } from './properties.js';
import type { Operation } from './image.js';

const verbs = ['add', 'remove', 'replace'] as const;
/** Steps that a path has, where that is not one. */
const depths: Readonly<Record<string, Readonly<Record<Operation['op'], number>>>> = {
  locations: { add: 2, remove: 2, replace: 1 },
};

const bad = (words: string): Fault => new Fault('bad-request', words);

/** @throws Fault 415 */
export function draftOf(type: string): Operation['draft'] {
  const [, minor] = /^application\/openstack-images-v2\.([01])-json-patch/.exec(type) ?? [];
  if (minor !== undefined) return minor === '0' ? 4 : 10;
  throw new Fault('unsupported-media', `The request media type ${type} is not supported by this server.`, {
    headers: {
      'accept-patch': 'application/openstack-images-v2.1-json-patch, application/openstack-images-v2.0-json-patch',
    },
  });
}

/** @throws Fault 400, 403 for what is no patch of an image */
export function readPatch(body: unknown, draft: Operation['draft']): Operation[] {
  if (!Array.isArray(body)) throw bad('Request body must be a JSON array of operation objects.');
  return body.map((raw): Operation => {
    if (!isObject(raw)) throw bad('Operations must be JSON objects.');
    const op = draft === 10 ? namedVerb(raw) : onlyVerb(raw);
    const pointer = draft === 10 ? raw['path'] : raw[op];
    if (pointer === undefined) throw bad("Unable to find 'path' in JSON Schema change");
    const path = stepsOf(String(pointer));
    if (path.length !== (depths[path[0]]?.[op] ?? 1))
      throw bad(`Invalid JSON pointer for this resource: '/${path.join('/')}'`);
    if (op !== 'remove' && raw['value'] === undefined) throw bad(`Operation "${op}" requires a member named "value".`);
    const operation = { op, path, value: raw['value'], draft };
    checkOperation(operation);
    return operation;
  });
}

function namedVerb({ op }: Record<string, unknown>): Operation['op'] {
  const among = `It must be one of the following: ${verbs.join(', ')}.`;
  if (op === undefined || op === null) throw bad(`Unable to find \`op\` in JSON Schema change. ${among}`);
  const verb = verbs.find((one) => one === op);
  if (!verb) throw bad(`Invalid operation: \`${String(op)}\`. ${among}`);
  return verb;
}

function onlyVerb(raw: Record<string, unknown>): Operation['op'] {
  const [verb, ...others] = verbs.filter((one) => Object.hasOwn(raw, one));
  if (verb && others.length === 0) return verb;
  const count = verb ? 'only' : 'exactly';
  throw bad(`Operation objects must contain ${count} one member named "add", "remove", or "replace".`);
}

function stepsOf(pointer: string): Operation['path'] {
  if (!pointer.startsWith('/')) throw bad(`Pointer \`${pointer}\` does not start with "/".`);
  if (/\/\s*?\//.test(pointer.slice(1))) throw bad(`Pointer \`${pointer}\` contains adjacent "/".`);
  if (pointer.length > 1 && pointer.endsWith('/')) throw bad(`Pointer \`${pointer}\` end with "/".`);
  if (/~[^01]/.test(pointer) || pointer.endsWith('~'))
    throw bad(`Pointer \`${pointer}\` contains "~" not part of a recognized escape sequence.`);
  const [first = '', ...more] = pointer
    .replace(/^\/+/, '')
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~').trim());
  return [first, ...more];
}

/** @throws Fault 400, 403 */
function checkOperation({ op, path: [name, ...more], value }: Operation): void {
  if (name === 'id' || readOnly.has(name)) throw new Fault('forbidden', `Attribute '${name}' is read-only.`);
  if (isReserved(name)) throw new Fault('forbidden', `Attribute '${name}' is reserved.`);
  if (op === 'remove') return;
  if (more.length === 0) checkSchema({ [name]: value });
  else if (imageProperties[name]?.type === 'array') checkSchema({ [name]: [value] });
}
