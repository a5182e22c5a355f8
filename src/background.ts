/** What a running cascade does besides answering requests. */
import type { Config } from './config.js';
import type { ConsoleLinks } from './consoles/link-table.js';
import type { Kind } from './resources/kind.js';
import { watchMembers } from './network/security-groups/watch-members.js';
import { reconcile } from './reconcilers.js';
import type { World } from './routing/world.js';
import type { Site } from './sites/site.js';
import { every } from './sync/every.js';
import { Feeds } from './sync/feeds.js';
import { Rediscovery } from './sync/rediscovery.js';
import { renewSeconds, SiteLeases } from './sync/site-leases.js';

export interface Background {
  /** The registered sites are others than before: what was added is read and given what it lacks. */
  sitesChanged(): Promise<void>;
  stop(): Promise<void>;
}

export function startBackground(config: Config, world: World, links: ConsoleLinks): Background {
  const { database, sites, inventory, capacities, freshness, log } = world;
  const leases = new SiteLeases(database);
  const minded = (site: Site): boolean => leases.holds(site);
  const failed = (name: string) => (error: unknown) =>
    log.error({ event: 'task.failed', task: name, err: error }, 'task failed');
  const pace = { changesSeconds: config.feedSeconds, deletionsSeconds: config.feedSeconds * 1.5 };
  const fed: Kind[] = [...world.kinds.values()].filter((kind) => kind.feed);
  const feeds = new Feeds(sites, leases, world.reader, fed, pace, log);
  feeds.start();
  world.jobs.start();
  const rediscovery = new Rediscovery(sites, leases, world.reader.states, fed, log);

  const reconciling = every(config.reconcileSeconds, () => reconcile(world, minded), failed('reconcile'));
  const room = every(20, () => capacities.hosts.refresh(minded), failed('capacities'));
  // Backends tell their Cinder what they have once a minute.
  const storage = every(60, () => capacities.storage.refresh(minded), failed('storage'));
  const renew = async (): Promise<void> => {
    if ((await leases.renew()) > 0) [reconciling, room, storage].forEach((task) => task.soon());
  };
  const leasing = every(renewSeconds, renew, failed('leases'));
  const tasks = [
    feeds,
    reconciling,
    room,
    storage,
    leasing,
    // Not waited for: a site that is slow to be silent keeps no other from being probed.
    every(1, async () => void sites.probeDue(), failed('probe')),
    every(1, () => world.homed.runDue(minded), failed('homed')),
    every(2, () => watchMembers(world, minded), failed('members')),
    every(5, () => sites.load(), failed('sites')),
    every(5, () => rediscovery.run(), failed('rediscovery')),
    every(60, () => freshness.sweep(), failed('touched')),
    every(600, () => inventory.sweep(24), failed('sweep')),
    every(3600, () => sites.aliases.sweep(), failed('aliases')),
    every(3600, () => world.jobs.table.sweep(7), failed('jobs')),
    every(600, () => world.interconnects.sweep(), failed('interconnects')),
    every(600, () => links.sweep(), failed('consoles')),
    every(600, () => world.copies.pulls.tickets.sweep(), failed('image tickets')),
  ];
  return {
    sitesChanged: async () => {
      await sites.load();
      leasing.soon();
    },
    stop: async () => {
      tasks.forEach((task) => task.stop());
      await world.jobs.stop();
      await leases.release().catch(failed('leases'));
    },
  };
}
