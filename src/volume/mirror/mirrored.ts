/** What every site's Cinder is to hold alike: volume types and the like. One row of the table of `kinds.ts` each. */
import { Fault } from '../../openstack/faults.js';
import type { Body } from '../../resources/kind.js';
import { askAsAdmin, faultWords } from '../../routing/speaker.js';
import type { Site } from '../../sites/site.js';

export interface Mirrored {
  /** The global resource's kind. */
  readonly kind: string;
  /** All that a site has; undefined where a site is never asked (quotas: what was not set is the site's default). */
  readonly list?: (site: Site) => Promise<{ readonly id: string; readonly name: string }[]>;
  /** The canonical body of one; undefined where the site has none of that id. */
  readonly read: (site: Site, id: string) => Promise<Body | undefined>;
  /**
   * Makes one, with as much of the body as a create takes.
   * @returns the site's id, and the part of the body that it has now
   */
  readonly create: (site: Site, globalId: string, body: Body) => Promise<{ readonly id: string; readonly made: Body }>;
  /** Changes at the site what differs between two bodies, and nothing else. */
  readonly update: (site: Site, id: string, from: Body, to: Body) => Promise<void>;
  /** Removes one; that it is gone already is no error. */
  readonly remove: (site: Site, id: string) => Promise<void>;
}

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

/** The site's answer in its administrator's name; undefined for a 404. @throws SiteRefused, SiteUnreachable */
export async function ask(site: Site, method: string, path: string, body?: unknown): Promise<Body | undefined> {
  const answer = await askAsAdmin(site, 'volume', method, path, { microversion: '3.70', body });
  if (answer.status === 404) return undefined;
  if (answer.status >= 300) throw new SiteRefused(site, answer.status, faultWords(answer.body));
  return answer.body;
}

/** The same, where a 404 is a refusal too. */
export async function must(site: Site, method: string, path: string, body?: unknown): Promise<Body> {
  const answer = await ask(site, method, path, body);
  if (!answer) throw new SiteRefused(site, 404, `${method} ${path}: not found`);
  return answer;
}

type Words = Readonly<Record<string, unknown>>;

/** Keys whose values are to be set, and keys that are to go. */
export function difference(from: Words, to: Words): { set: Record<string, unknown>; gone: string[] } {
  const changed = Object.entries(to).filter(([key, value]) => JSON.stringify(from[key]) !== JSON.stringify(value));
  return { set: Object.fromEntries(changed), gone: Object.keys(from).filter((key) => !(key in to)) };
}

export const words = (value: unknown): Words => (value ?? {}) as Words;
