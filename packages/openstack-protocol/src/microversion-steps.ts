/**
 * What each microversion of a service changed, and what becomes of it at a site that is older than the microversion a tenant
 * asks for. One row is one change; `docs/versions.md` is made of these rows.
 */
import { valuesAt } from './body-paths.js';
import type { Fault } from './faults.js';
import { bodyOf, isOk, withBody, type OpenStackResponse } from './message.js';
import { isObject } from './server/body.js';
import type { ServiceName } from './service-name.js';

/** A request as it goes to a site. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The JSON that it carries; undefined where it carries none. */
  readonly body: unknown;
}

/** Something of a request that an older site cannot do. */
export interface Need {
  /** As a message names it: `"hostname" with a domain`. */
  readonly what: string;
  /** True where the older site has no such path at all. */
  readonly isPath?: true;
  isIn(request: SentRequest): boolean;
}

/** An older site, and the request that it has answered. */
export interface AnsweredRequest {
  readonly request: SentRequest;
  /** As the cascade calls the site. */
  readonly zone: string;
  /** What the site shows at another path, in the same name; undefined where it refuses. */
  read(service: ServiceName, path: string): Promise<unknown>;
  /** The same UUID for the same thing of this site, always. */
  uuidOf(thing: string): string;
}

/** Turns the response of a site that lacks the change into that of one that has it. */
export type Lift = (
  response: OpenStackResponse,
  answered: AnsweredRequest,
) => Promise<OpenStackResponse> | OpenStackResponse;

export interface Lifting {
  /** The JSON body as the older site understands it; undefined where it stays as it is. */
  readonly request?: (request: SentRequest) => unknown;
  readonly response?: Lift;
  /** The refusal of a newer site which an older one would not give. */
  readonly refusal?: (request: SentRequest) => Fault | undefined;
}

export type Step = {
  readonly since: string;
  /** What it changed. */
  readonly change: string;
} & (
  | { readonly decision: 'harmless'; readonly why: string }
  | { readonly decision: 'lifted'; readonly how: string; readonly lifting: Lifting }
  | { readonly decision: 'refused'; readonly needs: readonly Need[] }
);

/** The older site's behaviour is right for the newer microversion, too. */
export const harmless = (since: string, change: string, why: string): Step => ({
  since,
  change,
  decision: 'harmless',
  why,
});

/** The cascade does it itself. @param lifting absent where what answers is the cascade's own and not a site's */
export const lifted = (since: string, change: string, how: string, lifting: Lifting = {}): Step => ({
  since,
  change,
  decision: 'lifted',
  how,
  lifting,
});

/** A request that needs it is refused, with the zone named. */
export const refused = (since: string, change: string, ...needs: Need[]): Step => ({
  since,
  change,
  decision: 'refused',
  needs,
});

const present = (value: unknown): boolean => value !== undefined;

/** Fields of a body, each where `is` holds of one of its values. */
export const fields = (what: string, paths: readonly string[], is: (value: unknown) => boolean = present): Need => ({
  what,
  isIn: ({ body }) => paths.some((path) => valuesAt(body, path).some(({ value }) => is(value))),
});

/** Query parameters of a path. */
export const parameters = (path: RegExp, ...names: string[]): Need => ({
  what: names.map((name) => `"${name}"`).join(' and '),
  isIn: (request) => path.test(request.path) && names.some((name) => request.query.has(name)),
});

/** A path that came with the microversion. */
export const paths = (what: string, path: RegExp, methods?: readonly string[]): Need => ({
  what,
  isPath: true,
  isIn: (request) => path.test(request.path) && (methods?.includes(request.method) ?? true),
});

type Item = Record<string, unknown>;

/**
 * Adds to objects of a response what they lack.
 * @param at where the objects are in the body
 * @param missing the fields of one, with what they hold where nothing better is known
 */
export const adds =
  (at: readonly string[], missing: (item: Item, answered: AnsweredRequest) => Promise<Item> | Item): Lift =>
  (response, answered) =>
    changed(response, at, async (item) => Object.assign(item, { ...(await missing(item, answered)), ...item }));

/** Takes fields from objects of a response. */
export const removes =
  (at: readonly string[], ...names: string[]): Lift =>
  (response) =>
    changed(response, at, (item) => names.forEach((name) => delete item[name]));

/** One lift after the other. */
export const both =
  (first: Lift, then: Lift): Lift =>
  async (response, answered) =>
    then(await first(response, answered), answered);

/** The same response with other objects at some places of its body. */
export async function changed(
  response: OpenStackResponse,
  at: readonly string[],
  change: (item: Item) => Promise<unknown> | unknown,
): Promise<OpenStackResponse> {
  const body = isOk(response) ? bodyOf(response) : undefined;
  const items = at.flatMap((path) => valuesAt(body, path).map(({ value }) => value)).filter(isObject);
  if (items.length === 0) return response;
  for (const item of items) await change(item);
  return withBody(response, body);
}
