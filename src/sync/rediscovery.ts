/** Reads again and again what the minded sites can do: a site that is upgraded is used as it is then. */
import pLimit from 'p-limit';
import type { Logger } from 'pino';
import { older } from '@cascade/openstack-protocol/microversion.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { Kind } from '../resources/kind.js';
import type { SiteRegistry } from '../sites/registry.js';
import { SiteUnreachable, type Site, type SiteCapabilities } from '../sites/site.js';
import type { FeedStates } from './feed-states.js';
import { isFollowed } from './site-pages.js';
import type { SiteLeases } from './site-leases.js';

/** Five small requests a time. */
const restMs = 300_000;
const restAfterFailureMs = 60_000;
const sitesAtOnce = 4;

interface LastRead {
  /** Milliseconds since the epoch, as a site's health tells since when. */
  readonly at: number;
  readonly next: number;
}

export class Rediscovery {
  private readonly last = new Map<number, LastRead>();
  private readonly turn = pLimit(sitesAtOnce);

  constructor(
    private readonly sites: SiteRegistry,
    private readonly leases: Pick<SiteLeases, 'holds'>,
    private readonly feeds: FeedStates,
    private readonly kinds: readonly Kind[],
    private readonly log: Logger,
  ) {}

  /** Reads the sites whose turn it is: after five minutes, and as soon as one of their services is back. */
  async run(): Promise<void> {
    const sites = this.sites.all();
    const minded = sites.filter((site) => site.state !== 'maintenance' && this.leases.holds(site));
    // Another process reads the others meanwhile, and one that comes out of maintenance comes with its upgrade.
    for (const id of this.last.keys()) if (!minded.some((site) => site.id === id)) this.last.delete(id);
    const due = minded.filter((site) => isDue(site, this.last.get(site.id)));
    await Promise.all(due.map((site) => this.turn(() => this.read(site))));
  }

  private async read(site: Site): Promise<void> {
    const at = Date.now();
    try {
      await this.rediscover(site);
      // A little uneven, so that sites which were read together do not stay together.
      this.last.set(site.id, { at, next: at + restMs * (0.9 + 0.1 * Math.random()) });
    } catch (error) {
      const reason = error instanceof SiteUnreachable ? error.reason : (error as Error).message;
      this.log.warn({ event: 'site.not_rediscovered', site: site.name, reason }, 'its known capabilities are kept');
      this.last.set(site.id, { at, next: at + restAfterFailureMs });
    }
  }

  private async rediscover(site: Site): Promise<void> {
    const before = await this.sites.rediscover(site);
    if (!before) return;
    const { capabilities: now } = site;
    this.log.info(
      { event: 'site.capabilities', site: site.name, before, now },
      'the capabilities of a site have changed',
    );
    // Bodies were read in the old microversion: they lack what the new one shows.
    const lacking = this.kinds.filter((kind) => isFollowed(kind, site) && asksOf(kind, before) !== asksOf(kind, now));
    if (lacking.length > 0) await this.feeds.suspect(site, lacking);
  }
}

function isDue(site: Site, last: LastRead | undefined): boolean {
  if (!last || Date.now() >= last.next) return true;
  return (Object.keys(site.capabilities.endpoints) as ServiceName[]).some((service) => {
    const { reachable, since } = site.health(service);
    return reachable && since.getTime() > last.at;
  });
}

/** The microversion in which a kind is read at a site that can do so much. */
function asksOf(kind: Kind, { microversions }: SiteCapabilities): string | undefined {
  const [wanted, range] = [kind.feed?.microversion, microversions[kind.service]];
  return wanted !== undefined && range ? older(wanted, range.max) : wanted;
}
