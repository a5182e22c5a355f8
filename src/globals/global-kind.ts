/** A kind of resource that means the same in every site: what the engine of `globals/` needs to know of it. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Principal } from '@cascade/openstack-protocol/caller.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { GlobalRow } from '../resources/global.js';
import type { Body } from '../resources/kind.js';
import { askAsAdmin, faultWords } from '../routing/ask-as-admin.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';

/** Something that a site has. */
export interface Found {
  readonly id: string;
  /** As much of its canonical body as the list tells; the name at least, where its kind has names. */
  readonly body: Body;
  /** True where that is all of it. */
  readonly isWhole?: boolean;
}

/** What the cascade holds, or held before it was deleted. */
export type Held = Pick<GlobalRow, 'id' | 'owner_id' | 'body'>;

/** Texts (paths, queries, bodies) between the cascade's words and a site's; ids are the gateway's to translate. */
export interface Translation {
  toSite(text: string): string;
  toGlobal(text: string): string;
}

/**
 * Four verbs, each of which may be done twice, and what tells things of the kind apart. All of them ask one site in its own
 * administrator's name and throw SiteRefused for its refusals, SiteUnreachable for its silence.
 */
export interface GlobalKind {
  /** Of the rows and shadows. */
  readonly kind: string;
  readonly service: ServiceName;
  /** Whether each site makes up an id of its own, or all know it by one that somebody chose, and may choose again. */
  readonly ids: 'own' | 'chosen';
  /**
   * Subject of the lock under which it is changed: one for kinds that name each other, or many for a kind whose things have
   * nothing to do with each other. @default the kind
   */
  readonly lock?: string | ((id: string) => string);
  /**
   * Whether every site is to have it, or only those where a request names it. As written: every site is to have what is written
   * through the cascade, and none what is deleted through it; what else a site had before is its own.
   */
  readonly presence: 'everywhere' | 'on demand' | 'as written';
  /** False for a site that cannot hold such things: it is brought to them when it can. @default every site can */
  readonly heldBy?: (site: Site) => boolean;
  /** Whether a write waits for the other sites, or leaves them to their next request and the reconciler. @default at once */
  readonly spread?: 'at once' | 'later';
  /** All that a site has; undefined where a site is not asked for what the cascade does not know. */
  readonly list?: (site: Site) => Promise<readonly Found[]>;
  /** In how many rounds of the reconciler a site's list is read once. @default 1, in each */
  readonly listRounds?: number;
  /** What tells that a thing found at a site and one that the cascade holds are the same. @default the name */
  readonly sameness?: (one: Found | Held) => string;
  /** One at a site by what tells it apart. @default looked for in the list */
  readonly find?: (site: Site, held: Held) => Promise<Found | undefined>;
  /**
   * What a site is taken to hold of something that it had already, and that is the same as the cascade's. What differs from
   * the cascade's body is written. @default the cascade's body: what the site had otherwise stays as it was
   * @throws Fault 409 where it must not be taken over
   */
  readonly adopt?: (site: Site, held: Held, found: Found) => Body;
  /** Who owns something that a site had and the cascade did not know. @default nobody */
  readonly ownerOf?: (body: Body) => string | null;
  /** The canonical body of one; undefined where the site has none of that id. */
  readonly read: (site: Site, id: string) => Promise<Body | undefined>;
  /**
   * Makes one, with as much of the body as a create takes.
   * @param principal on whose behalf a request needs it, if one does
   * @returns the site's id, and the part of the body that it has now
   */
  readonly create: (
    site: Site,
    held: Held,
    principal?: Principal,
  ) => Promise<{ readonly id: string; readonly made: Body }>;
  /** Changes at the site what differs between two bodies, and nothing else. */
  readonly update: (site: Site, id: string, from: Body, to: Body) => Promise<void>;
  /** True where an update cannot lead from one body to the other: it is removed and made again. @default never */
  readonly mustReplace?: (from: Body, to: Body) => boolean;
  /**
   * What a site holds by id of what it is not asked to adopt, with more than was ever set through the cascade; undefined where
   * it does not tell. What differs from a shadow is set again.
   */
  readonly drift?: (site: Site, world: World) => Promise<ReadonlyMap<string, Body> | undefined>;
  /** True for a refusal that every attempt would meet until the body changes: it is not tried again before. @default never */
  readonly isFinal?: (status: number) => boolean;
  /** Removes one; that it is gone already is no error. */
  readonly remove: (site: Site, id: string) => Promise<void>;
  /** True where a site removes `other` together with `id`. @default never */
  readonly contains?: (id: string, other: string) => boolean;
  /** Kinds whose rows in the inventory name it by its id. @default none */
  readonly namedBy?: readonly string[];
  /** What each site says otherwise in its bodies. @default nothing */
  readonly translation?: (world: World, site: Site) => Translation;
}

/** What is brought to what the cascade holds: things of one kind at one site. */
export interface KindAtSite {
  readonly world: World;
  readonly kind: GlobalKind;
  readonly site: Site;
  /** On whose behalf one is made, where it is another's than the cascade's own. */
  readonly principal?: Principal | undefined;
}

/** Whether what is written through the cascade is meant for every site, while others of the kind are not. */
export const isWrittenForAll = ({ presence }: GlobalKind): boolean => presence === 'as written';

export const canHold = ({ heldBy }: GlobalKind, site: Site): boolean => heldBy?.(site) ?? true;

export const samenessOf = (kind: GlobalKind, one: Found | Held): string =>
  kind.sameness?.(one) ?? JSON.stringify(one.body['name']);

const untranslated: Translation = { toSite: (text) => text, toGlobal: (text) => text };

export const translationAt = (
  world: World,
  { translation }: Pick<GlobalKind, 'translation'>,
  site: Site,
): Translation => translation?.(world, site) ?? untranslated;

/** A body in other words. */
export const translated = <T>(body: T, translate: (text: string) => string): T =>
  JSON.parse(translate(JSON.stringify(body))) as T;

/** The site said no. */
export class SiteRefused extends Fault {
  constructor(
    site: Site,
    readonly statusAtSite: number,
    words: string,
  ) {
    super('conflict', `Availability zone ${site.name} refused: ${words}`);
    this.name = 'SiteRefused';
  }
}

export interface AskOptions {
  readonly body?: unknown;
  readonly microversion?: string;
  readonly query?: string;
}

/** The site's answer in its administrator's name; undefined for a 404. @throws SiteRefused, SiteUnreachable */
export async function ask(
  site: Site,
  service: ServiceName,
  method: string,
  path: string,
  options: AskOptions = {},
): Promise<Body | undefined> {
  const answer = await askAsAdmin(site, service, method, path, options);
  if (answer.status === 404) return undefined;
  if (answer.status >= 300) throw new SiteRefused(site, answer.status, faultWords(answer.body));
  return answer.body;
}

/** The same, where a 404 is a refusal too. */
export async function must(
  site: Site,
  service: ServiceName,
  method: string,
  path: string,
  options: AskOptions = {},
): Promise<Body> {
  const answer = await ask(site, service, method, path, options);
  if (!answer) throw new SiteRefused(site, 404, `${method} ${path}: not found`);
  return answer;
}

type Fields = Readonly<Record<string, unknown>>;

/** Keys whose values are to be set, and keys that are to go. */
export function difference(from: Fields, to: Fields): { set: Record<string, unknown>; gone: string[] } {
  const changed = Object.entries(to).filter(([key, value]) => !isSame(from[key], value));
  return { set: Object.fromEntries(changed), gone: Object.keys(from).filter((key) => !(key in to)) };
}

/** True where something was set that is set no longer: for kinds of which a single field cannot be taken back. */
export const hasLostKeys = (from: Fields, to: Fields): boolean => difference(from, to).gone.length > 0;

export const fieldsOf = (value: unknown): Fields => (value ?? {}) as Fields;

/** Equal as jsonb compares: the order of keys is no difference. */
export const isSame = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

const canonical = (value: unknown): string | undefined =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
