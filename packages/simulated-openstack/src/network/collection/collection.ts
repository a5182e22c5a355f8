/** A collection of Neutron's API, as data; what its rows alone have to obey are its rules. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Attributes } from '@cascade/openstack-adapter/network/attribute.js';
import type { Limited } from '../limits.js';
import type { NetworkState, TableName } from '../state.js';
import type { Row } from './table.js';

export interface Rules<T extends Row> {
  /** Before the first of several is made. @throws Fault where they cannot be made together */
  readonly createMany?: (given: readonly Record<string, unknown>[]) => void;
  /** Completes a row before it is kept. @throws Fault */
  readonly create?: (state: NetworkState, row: T, caller: Caller) => void;
  /** What else comes into being with it. */
  readonly created?: (state: NetworkState, row: T, caller: Caller) => void;
  /** Looks at changes before they are made, and may complete them. @throws Fault */
  readonly update?: (state: NetworkState, row: T, changes: Record<string, unknown>, caller: Caller) => void;
  /** Removes what goes with it. @throws Fault 409 where it is in use */
  readonly remove?: (state: NetworkState, row: T, caller: Caller) => void;
  /** Attributes that are not kept but computed. */
  readonly view?: (state: NetworkState, row: T, caller: Caller) => Record<string, unknown>;
  /** Attributes that the answer to its creation alone shows. */
  readonly told?: (row: T) => Record<string, unknown>;
  /** Who else sees it, besides its project and administrators. */
  readonly seenBy?: (state: NetworkState, row: T, caller: Caller) => boolean;
  /** Done before a list is made. */
  readonly listed?: (state: NetworkState, caller: Caller, projectIds: readonly string[]) => void;
}

export interface Collection<T extends Row = Row> {
  /** `/qos/policies`, below /v2.0. */
  readonly path: string;
  readonly table: TableName;
  readonly key: string;
  readonly keys: string;
  /** The extension it comes with; none is the core. */
  readonly alias?: string;
  readonly attributes: Attributes;
  /** Who writes, where that is no matter of whose it is alone: a manager what is the project's own, an administrator all. */
  readonly writers?: 'admin' | 'manager';
  /** Only administrators see anything. */
  readonly adminReads?: true;
  /** Letters of what can be done: Create, Update, Delete. */
  readonly verbs: 'CUD' | 'CD' | 'UD' | 'U';
  readonly limited?: Limited;
  readonly tagged?: true;
  readonly rules: Rules<T>;
}

/** Rows of a collection are its table's, which the table of collections cannot say. */
export const collection = <T extends Row>(one: Collection<T>): Collection => one as unknown as Collection;
