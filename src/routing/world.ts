/** What the route tables work with. */
import type { HypervisorStatistics } from '@cascade/openstack-protocol/compute/hypervisor-statistics.js';
import type { Logger } from 'pino';
import type { Copies, ImageCopies } from '../copies/copies.js';
import type { Database } from '../database/database.js';
import type { Interconnects } from '../interconnect/interconnects.js';
import type { Jobs } from '../jobs/jobs.js';
import type { SiteReadings } from '../placement/site-readings.js';
import type { StorageRoom } from '../placement/storage-room.js';
import type { Placement } from '../placement/placement.js';
import type { GlobalResources } from '../resources/global.js';
import type { Inventory } from '../resources/inventory.js';
import type { Kind } from '../resources/kind.js';
import type { Secrets } from '../sites/secrets.js';
import type { SiteRegistry } from '../sites/registry.js';
import type { FeedReader } from '../sync/feed-reader.js';
import type { Freshness } from '../sync/freshness.js';
import type { Admission } from './admission.js';
import type { DefaultGroups } from './default-groups.js';
import type { HomedResources } from './homed.js';
import type { Shadows } from './shadows.js';

export interface World {
  readonly database: Database;
  readonly sites: SiteRegistry;
  readonly inventory: Inventory;
  readonly globals: GlobalResources;
  readonly shadows: Shadows;
  readonly freshness: Freshness;
  readonly reader: FeedReader;
  readonly placement: Placement;
  readonly admission: Admission;
  /** The room that sites have. */
  readonly capacities: {
    readonly hosts: SiteReadings<HypervisorStatistics>;
    readonly storage: StorageRoom;
  };
  readonly jobs: Jobs;
  /** Seals what the database must not show. */
  readonly secrets: Secrets;
  readonly copies: ImageCopies;
  /** What makes copies, for each kind whose things may have some. */
  readonly copiesOf: ReadonlyMap<string, Copies>;
  /** What is made at its home and copied to where it is needed. */
  readonly homed: HomedResources;
  /** What joins the networks of several sites. */
  readonly interconnects: Interconnects;
  /** Each project's security group `default`. */
  readonly defaultGroups: DefaultGroups;
  /** Every kind by its name. */
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly log: Logger;
}

/** @throws Error for a kind that no service declares: a mistake in a table, found by the first test that walks it */
export function kindNamed(world: World, name: string): Kind {
  const kind = world.kinds.get(name);
  if (!kind) throw new Error(`no kind ${name}`);
  return kind;
}
