/** Linking a request: what it names is at the site, or the request is refused by name. Ids are translated at the site's gateway. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { CopyUnderWay } from '../copies/copies.js';
import { isApartFrom } from '../placement/contradictions.js';
import { replaceAt } from '../resources/references.js';
import type { Site } from '../sites/site.js';
import type { LocatedReference } from './locate.js';
import type { World } from './world.js';

/** A small image is there by then. */
const usualTimeoutMs = 20_000;

export interface LinkOptions {
  /** What the request is about and has its place, for messages: `server 1b2c…` */
  readonly about?: string;
  /** For how long the request is held while something that it names is copied to the site. @default 20 s */
  readonly timeoutMs?: number;
}

export interface LinkedRequest<Body> {
  readonly linked: Body;
  /** What is still being copied to the site. */
  readonly underWay?: CopyUnderWay;
}

/**
 * A body as a site is to be asked, and what it names at that site.
 * @param references what the body names, and where that is
 * @throws ReferencesApart for what lives in another site; SiteUnreachable
 */
export async function linkToSite<Body>(
  world: World,
  caller: Caller,
  site: Site,
  body: Body,
  references: readonly LocatedReference[],
  options: LinkOptions = {},
): Promise<LinkedRequest<Body>> {
  const underWay = await requireAt(world, caller, site, references, options);
  const linked = structuredClone(body);
  for (const reference of references) {
    if (reference.scope === 'global') replaceAt(linked, reference.path, await reference.ensure(site, caller));
  }
  return underWay ? { linked, underWay } : { linked };
}

/**
 * What a request names is at a site; what may be copied there is.
 * @returns the last one that is still being copied
 * @throws ReferencesApart, SiteUnreachable
 */
export async function requireAt(
  world: World,
  caller: Caller,
  site: Site,
  references: readonly LocatedReference[],
  { about = 'what this request is about', timeoutMs = usualTimeoutMs }: LinkOptions = {},
): Promise<CopyUnderWay | undefined> {
  let underWay: CopyUnderWay | undefined;
  for (const reference of references) {
    if (!('siteIds' in reference) || reference.siteIds.includes(site.id)) continue;
    const brought = reference.scope === 'homed' && (await bring(reference, site, caller, timeoutMs));
    if (!brought) throw isApartFrom(reference, about, site.name, (id) => world.sites.byId(id)?.name ?? `#${id}`);
    if (brought instanceof CopyUnderWay) underWay = brought;
  }
  return underWay;
}

/** Whether something homed is at a site, or on its way. @throws SiteUnreachable */
async function bring(
  { copies, id }: Extract<LocatedReference, { scope: 'homed' }>,
  site: Site,
  caller: Caller,
  timeoutMs: number,
): Promise<boolean | CopyUnderWay> {
  try {
    return await copies.bring(id, site, caller, timeoutMs);
  } catch (error) {
    if (error instanceof CopyUnderWay) return error;
    throw error;
  }
}
