/** From when on a site is to be asked for changes. */
import type { Body, Kind } from '../resources/kind.js';
import { timesOf } from '../resources/times.js';

// Sites stamp changes with whole seconds, and a row that was being written while we read is not yet to be seen.
export const overlapMs = 10_000;

// A replica that lags shows what was, under today's date. Nothing newer than it has shown is taken for read, unless it has
// shown nothing new for so long: what was changed last is read again until then, and a quiet site costs nothing more.
const lagMs = 120_000;

/**
 * From when on a site is to be asked for changes the next time.
 * @param siteTime the site's clock when it was asked
 * @param newest the latest change that it showed
 * @param before where the cursor was
 */
export function nextCursor(siteTime: Date, newest: Date | undefined, before?: Date | null): Date {
  const shown = Math.max(newest?.getTime() ?? 0, before?.getTime() ?? 0, siteTime.getTime() - lagMs);
  return new Date(Math.min(siteTime.getTime(), shown));
}

/** The latest change among some rows, by the site's own stamps. */
export function newestOf(kind: Kind, bodies: readonly Body[], before?: Date): Date | undefined {
  let newest = before?.getTime() ?? 0;
  for (const body of bodies) {
    const { created, updated } = timesOf(kind, body);
    newest = Math.max(newest, created?.getTime() ?? 0, updated?.getTime() ?? 0);
  }
  return newest > 0 ? new Date(newest) : undefined;
}
