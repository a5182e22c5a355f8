/** What is converged in the background, site by site: the kinds of which the cascade is the authority. */
import pLimit from 'p-limit';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { computeGlobals } from './compute/globals.js';
import { reconcileCopies } from './copies/reconcile.js';
import { readMembers } from './image/members.js';
import type { GlobalKind } from './globals/global-kind.js';
import { reconcileKinds } from './globals/reconcile.js';
import { firstRules } from './network/new-groups/first-rules.js';
import { statefulness } from './network/new-groups/statefulness.js';
import { networkQuotas } from './network/quota-kind.js';
import type { World } from './routing/world.js';
import { SiteUnreachable, type Site } from './sites/site.js';
import { volumeGlobals } from './volume/globals.js';

/** A slow site keeps few others waiting. */
const sitesAtOnce = 8;

interface Reconciler {
  /** As the log calls it. */
  readonly task: string;
  /** Sites without it have nothing to reconcile. */
  readonly service: ServiceName;
  readonly run: (world: World, site: Site) => Promise<void>;
}

const globals = (service: ServiceName, kinds: readonly GlobalKind[]): Reconciler => ({
  task: `${service} globals`,
  service,
  run: (world, site) => reconcileKinds(world, site, kinds),
});

const reconcilers: readonly Reconciler[] = [
  globals('compute', computeGlobals),
  globals('volume', volumeGlobals),
  globals('network', [networkQuotas, firstRules, statefulness]),
  {
    task: 'default security groups',
    service: 'network',
    run: (world, site) => world.defaultGroups.reconcile(site),
  },
  { task: 'homed resources', service: 'network', run: (world, site) => world.homed.reconcile(site) },
  { task: 'image members', service: 'image', run: readMembers },
  {
    task: 'image copies',
    service: 'image',
    run: (world, site) => reconcileCopies(world.database, world.copies, site),
  },
];

/** Runs every reconciler at the answering sites among `minded`. One that fails is reported and keeps no other from running. */
export async function reconcile(world: World, minded: (site: Site) => boolean): Promise<void> {
  const turn = pLimit(sitesAtOnce);
  const sites = world.sites.all().filter((site) => minded(site) && site.state !== 'maintenance');
  await Promise.all(sites.map((site) => turn(() => reconcileSite(world, site))));
}

async function reconcileSite(world: World, site: Site): Promise<void> {
  let isDone = true;
  for (const reconciler of reconcilers) {
    const { service } = reconciler;
    if (!site.capabilities.endpoints[service]) continue;
    const ran = site.health(service).reachable && (await succeeds(world, site, reconciler));
    isDone &&= ran;
  }
  if (isDone) await world.sites.reconciled(site.id);
}

async function succeeds(world: World, site: Site, { task, run }: Reconciler): Promise<boolean> {
  try {
    await run(world, site);
    return true;
  } catch (error) {
    const reason = error instanceof SiteUnreachable ? error.reason : (error as Error).message;
    world.log.warn({ event: 'reconcile.failed', site: site.name, task, reason }, 'it will run again');
    return false;
  }
}
