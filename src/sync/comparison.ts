/** What a list lacks is not gone for that, and what it has beyond the inventory is to be read: both are looked into. */
import type { Inventory } from '../resources/inventory.js';
import type { Body, Kind } from '../resources/kind.js';
import type { Site } from '../sites/site.js';
import { readOne } from './site-pages.js';

/** Stores one resource as its site showed it. */
export type Keep = (body: Body, askedAt: Date) => Promise<unknown>;

/** Up to so many ids are asked for one by one. */
export const askedOneByOne = 20;

/**
 * Forgets what a list lacks, once the site itself says that it is gone. A cell that is down, a replica that lags, a database
 * that was just made: their lists are short and well-formed. Of very many ids some are asked for, and stand for the rest.
 * @param missing ids in the inventory that the list lacks
 * @param askedAt when the list was asked for
 * @returns false where the list turned out to lack what is there
 * @throws SiteUnreachable, and then nothing is forgotten
 */
export async function forgetMissing(
  inventory: Inventory,
  kind: Kind,
  site: Site,
  missing: readonly string[],
  askedAt: Date,
  keep: Keep,
): Promise<boolean> {
  const [asked, others] = sample(missing);
  const there = await readEach(kind, site, asked, keep);
  const isTrue = there.size === 0;
  const gone = asked.filter((id) => !there.has(id));
  await inventory.forget(kind.name, site, isTrue ? [...gone, ...others] : gone, askedAt);
  return isTrue;
}

/** Stores what the site has under some ids. @returns those that are there @throws SiteUnreachable */
export async function readEach(
  kind: Kind,
  site: Site,
  ids: readonly string[],
  keep: Keep,
): Promise<ReadonlySet<string>> {
  const answers = await Promise.all(ids.map((id) => readOne(kind, site, id)));
  const there = new Set<string>();
  for (const { body, askedAt } of answers) {
    if (!body) continue;
    there.add(body['id'] as string);
    await keep(body, askedAt);
  }
  return there;
}

/** Some at random, and the rest. */
function sample(ids: readonly string[]): [string[], string[]] {
  const shuffled = [...ids];
  for (let at = 0; at < Math.min(askedOneByOne, shuffled.length); at += 1) {
    const other = at + Math.floor(Math.random() * (shuffled.length - at));
    [shuffled[at], shuffled[other]] = [shuffled[other]!, shuffled[at]!];
  }
  return [shuffled.slice(0, askedOneByOne), shuffled.slice(askedOneByOne)];
}
