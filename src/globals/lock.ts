/**
 * Locks on global resources, over all processes of the cascade. A write holds the lock of its kind from before the speaker is
 * asked until every site has been brought to the change; whoever changes what one site has holds the lock of that site. A
 * lock of a kind is taken before one of a site, never after it; that of an adoption after both.
 */
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import type { GlobalKind } from './global-kind.js';

/** The subject of the lock for one thing: its kind, or kinds that name each other, or the thing alone. */
export const lockOf = ({ kind, lock = kind }: GlobalKind, id: string): string =>
  typeof lock === 'string' ? lock : lock(id);

/** @param subject as `lockOf` tells it */
export const withLock = <T>(world: World, subject: string, work: () => Promise<T>): Promise<T> =>
  world.database.locks.hold(subject, work);

/** The same for what one site has. */
export const withSiteLock = <T>(world: World, subject: string, site: Site, work: () => Promise<T>): Promise<T> =>
  world.database.locks.hold(`${subject} at ${site.id}`, work);

/** Two sites that are looked at together have the same things, each of which becomes one. */
export const withAdoptionLock = <T>(world: World, { kind }: GlobalKind, work: () => Promise<T>): Promise<T> =>
  world.database.locks.hold(`adoption of ${kind}`, work);
