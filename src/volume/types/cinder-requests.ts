/** Cinder's kinds of global resources: what they have in common, and requests to a site's Cinder in its newest microversion. */
import * as site from '../../globals/global-kind.js';
import type { Body } from '../../resources/kind.js';
import type { Site } from '../../sites/site.js';

const options = (body: unknown): site.AskOptions => ({
  microversion: '3.70',
  ...(body === undefined ? {} : { body }),
});

/** Undefined for a 404. @throws SiteRefused, SiteUnreachable */
export const ask = (at: Site, method: string, path: string, body?: unknown): Promise<Body | undefined> =>
  site.ask(at, 'volume', method, path, options(body));

/** The same, where a 404 is a refusal too. */
export const must = (at: Site, method: string, path: string, body?: unknown): Promise<Body> =>
  site.must(at, 'volume', method, path, options(body));

/** What a list tells of types and QoS specs: their names. */
export async function namesIn(at: Site, path: string, collection: string): Promise<site.Found[]> {
  const all = ((await must(at, 'GET', path))[collection] ?? []) as { id: string; name: string }[];
  return all.map(({ id, name }) => ({ id, body: { name } }));
}

/** Everything in Cinder that names each other is changed under one lock. */
export const volumeLock = 'volume_type';

/**
 * What Cinder's kinds have in common.
 * @param pathOf where one of them is
 */
export const volumeGlobal = (kind: string, ids: site.GlobalKind['ids'], pathOf: (id: string) => string) =>
  ({
    kind,
    service: 'volume',
    lock: volumeLock,
    ids,
    presence: 'everywhere',
    listRounds: 4,
    remove: async (at, id) => void (await ask(at, 'DELETE', pathOf(id))),
  }) satisfies Partial<site.GlobalKind>;
