/** A collection as data: what its rows hold, who sees them, how they are shown. */
import { json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Queryable } from '../../../database/queryable.js';
import type { Asked, AskedByCaller, Home } from '../asked.js';
import type { Filters } from './filters.js';
import type { Body, Item, Kind, Page } from './items.js';
import type { Policy } from '../policies.js';

export interface Collection {
  readonly kind: Kind;
  /** The word in bodies and paths. @default the kind */
  readonly member?: string;
  readonly plural: string;
  /** Before the plural in paths: `/OS-EP-FILTER`. */
  readonly prefix?: string;
  /** JSON schemas of the fields; others are kept as they come, as Keystone keeps them. */
  readonly fields: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  /** Its maker may choose the id. */
  readonly ownIds?: boolean;
  /** Fields that stay what they were made with. */
  readonly fixed?: readonly string[];
  readonly defaults?: (asked: AskedByCaller) => Body;
  readonly filters: Filters;
  /** What no two rows may have in common. */
  readonly unique?: (body: Body) => readonly unknown[];
  /** @default names the row's name */
  readonly conflictWords?: (body: Body) => string;
  /** A field that is kept as a hash and never shown. */
  readonly secret?: string;
  readonly policies: { readonly list: Policy; readonly show: Policy; readonly write: Policy };
  /** What showing one adds on request. */
  readonly expand?: (home: Home, item: Item, asked: AskedByCaller) => Promise<Body>;
  readonly view?: (body: Body, asked: Asked) => Body;
  /** Narrows a list beyond its filters. */
  readonly narrow?: (page: Page, asked: AskedByCaller) => Page;
  readonly hooks?: Hooks;
  /** Another kind that answers below the same paths, where an id is of it or the query or body ask for it. */
  readonly otherwise?: { readonly of: Collection; list(query: URLSearchParams): boolean; create(body: Body): boolean };
}

interface Hooks {
  /** Checks and completes what is to be written. */
  create?(tx: Queryable, body: Body, asked: AskedByCaller): Promise<Body>;
  update?(tx: Queryable, before: Body, after: Body): Promise<Body | void>;
  /** Checks what is to go, and does what no foreign key does. */
  remove?(tx: Queryable, item: Item): Promise<void>;
}

export const memberOf = ({ member, kind }: Collection): string => member ?? kind;

export const uniqueKeyOf = (of: Collection, body: Body): string | null =>
  of.unique ? JSON.stringify(of.unique(body)) : null;

/** A row as the API shows it, with its link. */
export function viewOf(of: Collection, body: Body, asked: Asked): Body {
  const self = `${asked.url}${of.prefix ?? ''}/${of.plural}/${encodeURIComponent(String(body['id']))}`;
  return { ...(of.view ? of.view(body, asked) : body), links: { self } };
}

export function listAnswer(
  plural: string,
  bodies: readonly unknown[],
  asked: Asked,
  next: string | null = null,
): OpenStackResponse {
  const self = `${asked.publicUrl}/identity${asked.pathAndQuery}`;
  return json(200, { [plural]: bodies, links: { next, self, previous: null } });
}
