/** A row as it is shown to a caller, and whether it is. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { isKnown } from '@cascade/openstack-adapter/network/attribute.js';
import type { Collection } from './collection.js';
import type { NetworkState } from '../state.js';
import type { Row, Table } from './table.js';

export const tableOf = (state: NetworkState, { table }: Collection): Table<Row> =>
  state.tables[table] as unknown as Table<Row>;

export function isVisible(state: NetworkState, collection: Collection, row: Row, caller: Caller): boolean {
  if (caller.isAdmin) return true;
  if (collection.adminReads) return false;
  if (row.project_id !== '' && row.project_id === caller.projectId) return true;
  return collection.rules.seenBy?.(state, row, caller) ?? false;
}

/** @throws Fault 404 in the words of the resource */
export function requireVisible(state: NetworkState, collection: Collection, id: string, caller: Caller): Row {
  const table = tableOf(state, collection);
  const row = table.find(id);
  if (!row || !isVisible(state, collection, row, caller)) throw table.absent(id);
  return row;
}

/** Everything a caller may see, with what is computed. */
function wholeBody(state: NetworkState, collection: Collection, row: Row, caller: Caller): Record<string, unknown> {
  const computed = collection.rules.view?.(state, row, caller) ?? {};
  const body: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(collection.attributes)) {
    if (!isKnown(attribute, state.extensions) || (attribute.adminSees && !caller.isAdmin)) continue;
    if (attribute.isHidden) continue;
    const own = name === 'tenant_id' ? row.project_id : row[name];
    const value = name in computed ? computed[name] : own === undefined ? attribute.byDefault : own;
    if (value !== undefined) body[name] = value;
  }
  return body;
}

/** The value of one attribute, as a filter or an order wants it. What is computed is so only where it is not kept. */
export type Values = (name: string) => unknown;

export function valuesOf(state: NetworkState, collection: Collection, row: Row, caller: Caller): Values {
  let computed: Record<string, unknown> | undefined;
  return (name) => {
    const attribute = collection.attributes[name];
    if (!attribute || (attribute.adminSees && !caller.isAdmin)) return undefined;
    const own = name === 'tenant_id' ? row.project_id : row[name];
    if (own !== undefined) return own;
    computed ??= collection.rules.view?.(state, row, caller) ?? {};
    return computed[name] ?? attribute.byDefault;
  };
}

/** @param fields names of what to show; everything where there are none */
export function bodyOf(
  state: NetworkState,
  collection: Collection,
  row: Row,
  caller: Caller,
  fields: readonly string[] = [],
): Record<string, unknown> {
  const body = wholeBody(state, collection, row, caller);
  if (fields.length === 0) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => fields.includes(name)));
}

/** An empty name is one that nothing has. */
export const fieldsAsked = (query: URLSearchParams): string[] => query.getAll('fields');
