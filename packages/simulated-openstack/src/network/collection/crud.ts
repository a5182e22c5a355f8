/** Create, show, update and delete, for every collection. @see openstack/neutron:neutron/pecan_wsgi/controllers/resource.py */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { mayAct } from '@cascade/openstack-protocol/server/persona.js';
import { isKnown } from '@cascade/openstack-adapter/network/attribute.js';
import { badRequest, disallowed } from '@cascade/openstack-adapter/network/faults.js';
import { readCreation, readUpdate } from '@cascade/openstack-adapter/network/request-body.js';
import type { Collection } from './collection.js';
import { defaultGroupOf } from '../security/default-group.js';
import type { NetworkState, TableName } from '../state.js';
import { bodyOf, fieldsAsked, requireVisible, tableOf } from './view.js';
import type { Row } from './table.js';

/** One, or many at once: all of them or none. */
export function create(state: NetworkState, collection: Collection): Answer {
  return async (asked) => {
    const { key, keys } = collection;
    const wanted = await readCreation(asked, key, keys);
    if ('many' in wanted) {
      const made: Row[] = [];
      collection.rules.createMany?.(wanted.many);
      try {
        for (const one of wanted.many) made.push(createOne(state, collection, one, asked));
      } catch (error) {
        for (const row of made) removeRow(state, collection, row, asked.caller);
        throw error;
      }
      return json(201, { [keys]: made.map((row) => madeBody(state, collection, row, asked)) });
    }
    const row = createOne(state, collection, wanted.one, asked);
    return json(201, { [key]: madeBody(state, collection, row, asked) });
  };
}

const madeBody = (state: NetworkState, collection: Collection, row: Row, { caller }: Asked) => ({
  ...bodyOf(state, collection, row, caller),
  ...collection.rules.told?.(row),
});

function createOne(
  state: NetworkState,
  collection: Collection,
  given: Record<string, unknown>,
  { caller }: Asked,
): Row {
  if (!mayWrite(collection, caller)) throw disallowed(`rule:create_${collection.key}`);
  const values = readValues(state, collection, given, caller, 'create');
  // Of no project, where a request says so: what that stands for is its collection's matter.
  const isNobodys = values['project_id'] === null;
  const projectId = isNobodys ? '' : String(values['project_id'] ?? values['tenant_id'] ?? caller.projectId ?? '');
  if (projectId !== caller.projectId && !caller.isAdmin) throw disallowed(`rule:create_${collection.key}`);
  delete values['tenant_id'];
  requireReferences(state, collection, values);
  const row = state.draft<Row>({ ...values, project_id: projectId });
  const table = tableOf(state, collection);
  if (collection.table === 'network' || collection.table === 'port') defaultGroupOf(state, projectId);
  if (collection.limited) state.limits.requireRoom(projectId, collection.limited, table.count('project_id', projectId));
  collection.rules.create?.(state, row, caller);
  table.put(row);
  collection.rules.created?.(state, row, caller);
  return row;
}

const mayWrite = ({ writers }: Collection, caller: Caller): boolean => !writers || mayAct(caller, writers);

/** @throws Fault 404 for an id of something that is not there */
function requireReferences(state: NetworkState, { attributes }: Collection, values: Record<string, unknown>): void {
  for (const [name, { refersTo }] of Object.entries(attributes)) {
    if (refersTo && typeof values[name] === 'string') state.tables[refersTo as TableName].require(values[name]);
  }
}

/** What was given, checked, with defaults for what was not. @throws Fault 400, 403 */
function readValues(
  state: NetworkState,
  { attributes, key }: Collection,
  given: Record<string, unknown>,
  caller: Caller,
  verb: 'create' | 'update',
): Record<string, unknown> {
  const isOne = (name: string): boolean =>
    Object.hasOwn(attributes, name) && isKnown(attributes[name]!, state.extensions);
  const unknown = Object.keys(given).filter((name) => !isOne(name));
  if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
  const values: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(attributes)) {
    const isGiven = Object.hasOwn(given, name);
    if (!isGiven && verb === 'create') {
      if (attribute.required) throw badRequest(`Failed to parse request. Required attribute '${name}' not specified`);
      if (attribute.byDefault !== undefined) values[name] = attribute.byDefault;
    }
    if (!isGiven) continue;
    const isGivable = attribute.givenWith !== undefined && state.extensions.has(attribute.givenWith);
    if (!isGivable && attribute.in !== verb && attribute.in !== 'create and update') {
      throw badRequest(
        verb === 'create' ? `Attribute '${name}' not allowed in POST` : `Cannot update read-only attribute ${name}`,
      );
    }
    // A project's id is copied to the attribute of its old name before any is looked at.
    values[name] = attribute.read(given[name], name === 'project_id' ? 'tenant_id' : name);
    if (attribute.adminSets && !caller.isAdmin && values[name] !== attribute.byDefault) {
      throw disallowed(`(rule:${verb}_${key} and rule:${verb}_${key}:${name})`);
    }
  }
  return values;
}

export function show(state: NetworkState, collection: Collection): Answer {
  return async ({ params, caller, query }) => {
    const row = requireVisible(state, collection, params['id'] ?? '', caller);
    return json(200, { [collection.key]: bodyOf(state, collection, row, caller, fieldsAsked(query)) });
  };
}

/** The row, where the caller may change it. @throws Fault 404 for one he does not see, 403 for one he may only see, 412 */
export function requireOwn(state: NetworkState, collection: Collection, asked: Asked, action: string): Row {
  const { caller, params, headers } = asked;
  const row = requireVisible(state, collection, params['id'] ?? '', caller);
  const isOwn = caller.isAdmin || row.project_id === caller.projectId;
  if (!isOwn || !mayWrite(collection, caller)) throw disallowed(`rule:${action}`);
  requireRevision(row, headers['if-match']);
  return row;
}

/** `If-Match: revision_number=3` @see the extension revision-if-match */
function requireRevision(row: Row, condition: string | undefined): void {
  if (/^revision_number=(?!\d+$)/.test(condition ?? '')) {
    throw badRequest(
      'Bad if-match request: Revision number etag must be in the format of revision_number=<int>.',
      'BadRequest',
    );
  }
  const wanted = /^revision_number=(\d+)$/.exec(condition ?? '')?.[1];
  if (wanted === undefined || Number(wanted) === row['revision_number']) return;
  const words = `Constrained to ${wanted}, but current revision is ${String(row['revision_number'])}`;
  throw new Fault('precondition-failed', words, { type: 'RevisionNumberConstraintFailed' });
}

export function update(state: NetworkState, collection: Collection): Answer {
  return async (asked) => {
    const { caller } = asked;
    const given = await readUpdate(asked, collection.key);
    const row = requireOwn(state, collection, asked, `update_${collection.key}`);
    const changes = readValues(state, collection, given, caller, 'update');
    requireReferences(state, collection, changes);
    collection.rules.update?.(state, row, changes, caller);
    state.change(tableOf(state, collection), row, changes);
    return json(200, { [collection.key]: bodyOf(state, collection, row, caller) });
  };
}

export function remove(state: NetworkState, collection: Collection): Answer {
  return async (asked) => {
    const row = requireOwn(state, collection, asked, `delete_${collection.key}`);
    removeRow(state, collection, row, asked.caller);
    return noContent();
  };
}

function removeRow(state: NetworkState, collection: Collection, row: Row, caller: Caller): void {
  collection.rules.remove?.(state, row, caller);
  tableOf(state, collection).remove(row);
}
