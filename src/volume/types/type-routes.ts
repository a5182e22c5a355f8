/** Volume types, group types, QoS specs and default types: the same in every site. */
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { World } from '../../routing/world.js';
import type { GlobalKind } from '../../globals/global-kind.js';
import type { Subject } from '../../globals/write.js';
import { defaultTypes } from './default-types.js';
import { groupTypes } from './group-types.js';
import { qosSpecs } from './qos-specs.js';
import { readCinder, writeCinder, type Changed } from './speak-cinder.js';
import { volumeTypes } from './volume-types.js';

const made = (kind: GlobalKind, key: string): Changed => {
  return (_asked, answer) => {
    const id = (bodyOf(answer) as Record<string, { id?: string }> | undefined)?.[key]?.id;
    return id ? [{ kind, id }] : [];
  };
};

/** What a path names: known before the request is sent, and changed by it. */
function named(kind: GlobalKind, param: string) {
  const subjects = (asked: Asked): Subject[] => [{ kind, id: asked.params[param] ?? '' }];
  return { before: subjects, changed: subjects };
}

export function volumeTypeRoutes(world: World): Route[] {
  const read = readCinder(world);
  const change = writeCinder(world, { ...named(volumeTypes, 'type_id'), typeOf: (asked) => asked.params['type_id'] });
  const of = '/types/{type_id}';
  return [
    route('GET /types', 'reader', read),
    route('POST /types', 'admin', writeCinder(world, { changed: made(volumeTypes, 'volume_type') })),
    route('GET /types/default', 'reader', read),
    route(`GET ${of}`, 'reader', read),
    route(`PUT ${of}`, 'admin', change),
    route(`DELETE ${of}`, 'admin', change),
    route(`POST ${of}/action`, 'admin', change),
    route(`GET ${of}/os-volume-type-access`, 'reader', read),
    route(`GET ${of}/extra_specs`, 'reader', read),
    route(`POST ${of}/extra_specs`, 'admin', change),
    route(`GET ${of}/extra_specs/{key}`, 'reader', read),
    route(`PUT ${of}/extra_specs/{key}`, 'admin', change),
    route(`DELETE ${of}/extra_specs/{key}`, 'admin', change),
    route(`GET ${of}/encryption`, 'reader', read),
    route(`POST ${of}/encryption`, 'admin', change),
    route(`GET ${of}/encryption/{key}`, 'reader', read),
    route(`PUT ${of}/encryption/{key}`, 'admin', change),
    route(`DELETE ${of}/encryption/{key}`, 'admin', change),
  ];
}

export function groupTypeRoutes(world: World): Route[] {
  const since = { since: '3.11' };
  const read = readCinder(world);
  const change = writeCinder(world, named(groupTypes, 'group_type_id'));
  const of = '/group_types/{group_type_id}';
  return [
    route('GET /group_types', 'reader', read, since),
    route('POST /group_types', 'admin', writeCinder(world, { changed: made(groupTypes, 'group_type') }), since),
    route('GET /group_types/default', 'reader', read, since),
    route(`GET ${of}`, 'reader', read, since),
    route(`PUT ${of}`, 'admin', change, since),
    route(`DELETE ${of}`, 'admin', change, since),
    route(`GET ${of}/group_specs`, 'reader', read, since),
    route(`POST ${of}/group_specs`, 'admin', change, since),
    route(`GET ${of}/group_specs/{spec_id}`, 'reader', read, since),
    route(`PUT ${of}/group_specs/{spec_id}`, 'admin', change, since),
    route(`DELETE ${of}/group_specs/{spec_id}`, 'admin', change, since),
  ];
}

export function qosRoutes(world: World): Route[] {
  const read = readCinder(world);
  const change = writeCinder(world, named(qosSpecs, 'qos_id'));
  // These are spelled GET, and write all the same: which specs a type has is a field of the type.
  const associate = writeCinder(world, { before: typeInQuery, changed: typeInQuery });
  const of = '/qos-specs/{qos_id}';
  return [
    route('GET /qos-specs', 'reader', read),
    route('POST /qos-specs', 'admin', writeCinder(world, { changed: made(qosSpecs, 'qos_specs') })),
    route(`GET ${of}`, 'reader', read),
    route(`PUT ${of}`, 'admin', change),
    route(`DELETE ${of}`, 'admin', writeCinder(world, withUsers(world, true))),
    route(`PUT ${of}/delete_keys`, 'admin', change),
    route(`GET ${of}/associations`, 'reader', read),
    route(`GET ${of}/associate`, 'admin', associate),
    route(`GET ${of}/disassociate`, 'admin', associate),
    route(`GET ${of}/disassociate_all`, 'admin', writeCinder(world, withUsers(world, false))),
  ];
}

const typeInQuery = (asked: Asked): Subject[] => {
  const id = asked.query.get('vol_type_id');
  return id ? [{ kind: volumeTypes, id }] : [];
};

/** The types that have the QoS specs, as far as the cascade knows, and the specs themselves where they are deleted. */
function withUsers(world: World, deletes: boolean) {
  const subjects = async (asked: Asked): Promise<Subject[]> => {
    const id = asked.params['qos_id'] ?? '';
    const users = (await world.globals.list(volumeTypes.kind)).filter((row) => row.body['qos_specs_id'] === id);
    const types = users.map((row): Subject => ({ kind: volumeTypes, id: row.id }));
    return deletes ? [...types, { kind: qosSpecs, id }] : types;
  };
  return { before: subjects, changed: subjects };
}

export function defaultTypeRoutes(world: World): Route[] {
  const since = { since: '3.62' };
  const read: Answer = readCinder(world);
  const change = writeCinder(world, named(defaultTypes, 'project_id'));
  return [
    route('GET /default-types', 'admin', read, since),
    route('GET /default-types/{project_id}', 'admin', read, since),
    route('PUT /default-types/{project_id}', 'admin', change, since),
    route('DELETE /default-types/{project_id}', 'admin', change, since),
  ];
}
