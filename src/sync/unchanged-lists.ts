/**
 * Lists that agreed with the inventory when they were read: as long as neither changes, to read one again has nothing to
 * write. A site has a dozen short lists that stay as they are for hours, and a hundred sites have them all read every few
 * seconds.
 */
import type { Kind } from '../resources/kind.js';
import type { Site } from '../sites/site.js';
import type { FeedState } from './feed-states.js';
import type { Page } from './site-pages.js';

/** A list and what the inventory had of it, when they agreed. */
interface Unchanged {
  readonly list: string;
  readonly inventory: string;
}

const keyOf = (kind: Kind, site: Site): string => `${site.id}/${kind.name}`;

/** Of all that a site answered, to the letter. */
export const digestOf = (list: readonly Page[]): string => list.map(({ digest }) => digest).join();

export class UnchangedLists {
  private readonly agreed = new Map<string, Unchanged>();

  /** True where this list and what the inventory has of it are those that agreed. */
  holds(kind: Kind, site: Site, state: FeedState, list: string): boolean {
    const known = this.agreed.get(keyOf(kind, site));
    return known !== undefined && known.list === list && known.inventory === state.fingerprint;
  }

  /**
   * A list was compared with the inventory.
   * @param state as it was before the list was asked for
   * @param askedAt when it was asked for; what the inventory was told later than that, the list had no say in
   * @param found how many rows the list had, and how many of them the inventory had not, or had otherwise
   */
  note(
    kind: Kind,
    site: Site,
    state: FeedState,
    list: string,
    askedAt: Date,
    found: Readonly<{ rows: number; changed: number }>,
  ): void {
    const isLatest = !state.newest_seen_at || state.newest_seen_at < askedAt;
    const agrees = found.changed === 0 && found.rows === state.known_rows && isLatest;
    if (agrees) this.agreed.set(keyOf(kind, site), { list, inventory: state.fingerprint });
    else this.agreed.delete(keyOf(kind, site));
  }
}
