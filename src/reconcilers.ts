/** What is converged in the background, site by site: the kinds of which the cascade is the authority. */
import pLimit from 'p-limit';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { computeGlobals } from './compute/globals.js';
import { reconcileCopies } from './copies/reconcile.js';
import { readMembers } from './image/members.js';
import type { GlobalKind } from './globals/global-kind.js';
import { reconcileKinds } from './globals/reconcile.js';
import { firstRules } from './network/new-groups/first-rules.js';
import { networkQuotas } from './network/quota-kind.js';
import type { World } from './routing/world.js';
import { SiteUnreachable, type Site } from './sites/site.js';
import { volumeGlobals } from './volume/globals.js';

/** A slow site keeps few others waiting. */
const sitesAtOnce = 8;

type Reconciler = (world: World, site: Site) => Promise<void>;

const imageCopies: Reconciler = (world, site) => reconcileCopies(world.database, world.copies, site);

const defaultGroups: Reconciler = (world, site) => world.defaultGroups.reconcile(site);

const globals =
  (kinds: readonly GlobalKind[]): Reconciler =>
  (world, site) =>
    reconcileKinds(world, site, kinds);

const reconcilers: readonly (readonly [ServiceName, Reconciler])[] = [
  ['compute', globals(computeGlobals)],
  ['volume', globals(volumeGlobals)],
  ['network', globals([networkQuotas, firstRules])],
  ['network', defaultGroups],
  ['image', readMembers],
  ['image', imageCopies],
];

/** Runs every reconciler at the answering sites among `minded`. One that fails is reported and keeps no other from running. */
export async function reconcile(world: World, minded: (site: Site) => boolean): Promise<void> {
  const turn = pLimit(sitesAtOnce);
  const sites = world.sites.all().filter((site) => minded(site) && site.state !== 'maintenance');
  await Promise.all(sites.map((site) => turn(() => reconcileSite(world, site))));
}

async function reconcileSite(world: World, site: Site): Promise<void> {
  let isDone = true;
  for (const [service, run] of reconcilers) {
    if (!site.capabilities.endpoints[service]) continue;
    const ran = site.health(service).reachable && (await succeeds(world, site, run));
    isDone &&= ran;
  }
  if (isDone) await world.sites.reconciled(site.id);
}

async function succeeds(world: World, site: Site, run: Reconciler): Promise<boolean> {
  try {
    await run(world, site);
    return true;
  } catch (error) {
    const reason = error instanceof SiteUnreachable ? error.reason : (error as Error).message;
    world.log.warn({ event: 'reconcile.failed', site: site.name, task: run.name, reason }, 'it will run again');
    return false;
  }
}
