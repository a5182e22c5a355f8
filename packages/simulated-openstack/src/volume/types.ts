/** Volume types, their extra specs, who may use them, and encryption. @see openstack/cinder:cinder/api/v3/types.py, contrib/types_*.py */
import { randomUUID } from 'node:crypto';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { noSuch, noSuchAction, noSuchType, required } from '@cascade/openstack-adapter/volume/refusals.js';
import { bodyUnder, textOrNone, wordsOf } from './asked.js';
import { typesPage } from './types-page.js';
import type { VolumeType } from './volume.js';
import type { Volumes } from './volumes.js';

const mayUse = (type: VolumeType, { isAdmin, projectId }: Caller): boolean =>
  type.isPublic || isAdmin || type.access.includes(projectId ?? '');

/** A type by id or name that the caller may use. @throws Fault 404 */
export function typeFor(volumes: Volumes, caller: Caller, idOrName: string): VolumeType {
  const type = volumes.types.get(idOrName) ?? [...volumes.types.values()].find(({ name }) => name === idOrName);
  if (type && mayUse(type, caller)) return type;
  throw noSuchType('Volume type', idOrName);
}

function bodyOf({ caller }: Asked, type: VolumeType, shows: 'list' | 'one' = 'list'): Record<string, unknown> {
  // Tenants see the specs that describe what they get, and no others.
  const visible = Object.entries(type.extraSpecs).filter(
    ([key]) => caller.isAdmin || /^(multiattach|RESKEY:availability_zones)$/.test(key),
  );
  return {
    id: type.id,
    name: type.name,
    is_public: type.isPublic,
    description: type.description,
    extra_specs: Object.fromEntries(visible),
    ...(caller.isAdmin ? { qos_specs_id: type.qosId } : {}),
    ...(shows === 'list' ? { 'os-volume-type-access:is_public': type.isPublic } : {}),
  };
}

export function typeRoutes(volumes: Volumes): Route[] {
  const one = (asked: Asked): VolumeType => {
    const type = volumes.types.get(asked.params['type_id'] ?? '');
    if (!type || !mayUse(type, asked.caller)) throw noSuch('Volume type', asked.params['type_id'] ?? '');
    return type;
  };
  return [
    route('GET /types', 'reader', async (asked) => {
      const rows = [...volumes.types.values()].filter((type) => isListed(asked, type)).reverse();
      const { page, links } = typesPage(asked, rows);
      return json(200, {
        volume_types: page.map((type) => bodyOf(asked, type)),
        ...(links.length > 0 ? { volume_type_links: links } : {}),
      });
    }),
    route('GET /types/default', 'reader', async (asked) =>
      json(200, {
        volume_type: bodyOf(asked, volumes.types.get(volumes.defaultTypeOf(asked.caller.projectId ?? ''))!, 'one'),
      }),
    ),
    route('GET /types/{type_id}', 'reader', async (asked) => json(200, { volume_type: bodyOf(asked, one(asked)) })),
    route('POST /types', 'admin', async (asked) => {
      const type = typeFrom(await bodyUnder(asked, 'volume_type'));
      requireFreeName(volumes, type);
      volumes.types.set(type.id, type);
      return json(200, { volume_type: bodyOf(asked, type) });
    }),
    route('PUT /types/{type_id}', 'admin', async (asked) => {
      const type = one(asked);
      const given = await bodyUnder(asked, 'volume_type');
      const [name, description] = [textOrNone(given, 'name'), textOrNone(given, 'description')];
      if (name === null && description === null && given['is_public'] === undefined) {
        throw new Fault('bad-request', 'Specify volume type name, description, is_public or a combination thereof.');
      }
      requireFreeName(volumes, { id: type.id, name: name ?? type.name });
      const isPublic =
        given['is_public'] === undefined ? type.isPublic : booleanWord(String(given['is_public'])) === true;
      Object.assign(type, { name: name ?? type.name, description: description ?? type.description, isPublic });
      return json(200, { volume_type: bodyOf(asked, type) });
    }),
    route('DELETE /types/{type_id}', 'admin', async (asked) => {
      const type = one(asked);
      if (type.id === volumes.defaultTypeId || [...volumes.defaultTypes.values()].includes(type.id))
        throw new Fault('bad-request', `The volume type ${type.id} is a default volume type and cannot be deleted.`);
      if ([...volumes.volumes.values()].some(({ typeId }) => typeId === type.id))
        throw new Fault('bad-request', 'Target volume type is still in use.');
      volumes.types.delete(type.id);
      return noContent(202);
    }),
    ...specRoutes(one),
    ...accessRoutes(one),
    ...encryptionRoutes(one),
  ];
}

/** Tenants see public types and those they were given; administrators may ask for one or the other. */
function isListed({ caller, query }: Asked, type: VolumeType): boolean {
  const word = query.get('is_public');
  if (!caller.isAdmin || word === null) return caller.isAdmin ? type.isPublic : mayUse(type, caller);
  return /^none$/i.test(word) || booleanWord(word) === type.isPublic;
}

function typeFrom(given: Record<string, unknown>): VolumeType {
  const name = textOrNone(given, 'name');
  if (name === null || name.trim() === '') throw required('name');
  return {
    id: randomUUID(),
    name,
    description: textOrNone(given, 'description'),
    isPublic: booleanWord(String(given['os-volume-type-access:is_public'] ?? given['is_public'] ?? true)) === true,
    extraSpecs: wordsOf(given['extra_specs'], 'extra_specs'),
    qosId: null,
    access: [],
    encryption: null,
  };
}

function requireFreeName(volumes: Volumes, { id, name }: { id: string; name: string }): void {
  if (![...volumes.types.values()].some((type) => type.name === name && type.id !== id)) return;
  throw new Fault('conflict', `Volume Type ${name} already exists.`);
}

function specRoutes(one: (asked: Asked) => VolumeType): Route[] {
  const specs = '/types/{type_id}/extra_specs';
  const known = (type: VolumeType, key: string): string => {
    const value = type.extraSpecs[key];
    if (value === undefined) throw new Fault('not-found', `Volume Type ${type.id} has no extra specs with key ${key}.`);
    return value;
  };
  return [
    route(`GET ${specs}`, 'reader', async (asked) => json(200, { extra_specs: one(asked).extraSpecs })),
    route(`POST ${specs}`, 'admin', async (asked) => {
      const given = wordsOf(await bodyUnder(asked, 'extra_specs'), 'extra_specs');
      const type = one(asked);
      type.extraSpecs = { ...type.extraSpecs, ...given };
      return json(200, { extra_specs: given });
    }),
    route(`GET ${specs}/{key}`, 'reader', async (asked) => {
      const { key = '' } = asked.params;
      return json(200, { [key]: known(one(asked), key) });
    }),
    route(`PUT ${specs}/{key}`, 'admin', async (asked) => {
      const { key = '' } = asked.params;
      const given = wordsOf(await asked.readJson(), 'extra_specs');
      if (given[key] === undefined) throw new Fault('bad-request', 'Request body and URI mismatch');
      const type = one(asked);
      type.extraSpecs = { ...type.extraSpecs, [key]: given[key] };
      return json(200, { [key]: given[key] });
    }),
    route(`DELETE ${specs}/{key}`, 'admin', async (asked) => {
      const type = one(asked);
      known(type, asked.params['key'] ?? '');
      const { [asked.params['key'] ?? '']: _gone, ...left } = type.extraSpecs;
      type.extraSpecs = left;
      return noContent(202);
    }),
  ];
}

function accessRoutes(one: (asked: Asked) => VolumeType): Route[] {
  return [
    route('GET /types/{type_id}/os-volume-type-access', 'admin', async (asked) => {
      const type = one(asked);
      if (type.isPublic) throw new Fault('not-found', 'Access list not available for public volume types.');
      const access = type.access.map((project_id) => ({ volume_type_id: type.id, project_id }));
      return json(200, { volume_type_access: access });
    }),
    route('POST /types/{type_id}/action', 'admin', async (asked) => {
      const body = await asked.readJson();
      const type = one(asked);
      const [action, given] = Object.entries(body)[0] ?? ['', undefined];
      const project = isObject(given) ? given['project'] : undefined;
      if (typeof project !== 'string') throw required('project');
      if (type.isPublic)
        throw new Fault('conflict', 'Type access modification is not applicable to public volume type.');
      const has = type.access.includes(project);
      if (action === 'addProjectAccess') {
        if (has)
          throw new Fault('conflict', `Volume type access for ${type.id} / ${project} combination already exists.`);
        type.access = [...type.access, project];
      } else if (action === 'removeProjectAccess') {
        if (!has) throw new Fault('not-found', `Volume type access not found for ${type.id} / ${project} combination.`);
        type.access = type.access.filter((one) => one !== project);
      } else throw noSuchAction(action);
      return noContent(202);
    }),
  ];
}

function encryptionRoutes(one: (asked: Asked) => VolumeType): Route[] {
  const path = '/types/{type_id}/encryption';
  const known = (type: VolumeType) => {
    if (type.encryption) return type.encryption;
    throw new Fault('not-found', `Volume type encryption for type ${type.id} does not exist.`);
  };
  return [
    route(`GET ${path}`, 'admin', async (asked) => json(200, one(asked).encryption ?? {})),
    route(`POST ${path}`, 'admin', async (asked) => {
      const type = one(asked);
      const {
        provider,
        control_location: location,
        cipher = null,
        key_size: size = null,
      } = await bodyUnder(asked, 'encryption');
      if (typeof provider !== 'string' || provider === '') throw required('provider');
      if (location !== 'front-end' && location !== 'back-end')
        throw new Fault('bad-request', "Invalid input received: Valid control location are: ['front-end', 'back-end']");
      if (type.encryption) throw new Fault('bad-request', `Volume type encryption for type ${type.id} already exists.`);
      type.encryption = {
        volume_type_id: type.id,
        encryption_id: randomUUID(),
        provider,
        control_location: location,
        cipher,
        key_size: size,
        deleted: false,
      };
      return json(200, { encryption: type.encryption });
    }),
    route(`GET ${path}/{key}`, 'admin', async (asked) => {
      const { key = '' } = asked.params;
      return json(200, { [key]: known(one(asked))[key] ?? null });
    }),
    route(`PUT ${path}/{key}`, 'admin', async (asked) => {
      const type = one(asked);
      const given = await bodyUnder(asked, 'encryption');
      type.encryption = { ...known(type), ...given };
      return json(200, { encryption: given });
    }),
    route(`DELETE ${path}/{key}`, 'admin', async (asked) => {
      const type = one(asked);
      known(type);
      type.encryption = null;
      return noContent(202);
    }),
  ];
}
