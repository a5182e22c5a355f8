/** One simulated cloud: a zone with its own Nova, Neutron, Cinder and Glance, and with servers from the start. */
import { Clock, type After } from './clock.js';
import type { Cloud, ServerTasks } from './compute/cloud.js';
import { serverTasks } from './compute/scheduled-tasks.js';
import { Aggregates } from './compute/hosts/aggregates.js';
import { Flavors, usualFlavors } from './compute/flavors/flavors.js';
import { hostNames, Hosts } from './compute/hosts/hosts.js';
import { Journal } from './compute/actions/journal.js';
import { KeyPairs } from './compute/key-pairs.js';
import { Migrations } from './compute/hosts/migrations.js';
import { InitialServers } from './compute/servers/population.js';
import { Quotas } from './compute/quotas/quotas.js';
import { ServerGroups } from './compute/server-groups.js';
import { Servers } from './compute/servers/servers.js';
import { noDurations, type Durations } from './durations.js';
import { Images } from './image/images.js';
import type { CloudFacts } from './service-interfaces.js';
import { Networks } from './network/networks.js';
import { numberOf, sequence } from './noise.js';
import { valueAt, type Parts } from './state/part.js';
import { releases, type Release, type ReleaseName } from './releases.js';
import { Volumes } from './volume/volumes.js';

export interface CloudOptions {
  /** Its availability zone, and how its hosts are called. */
  readonly name: string;
  /** In the catalog. @default the name */
  readonly region?: string;
  /** What makes it this cloud: the same seed and name make the same servers. @default 1 */
  readonly seed?: number;
  /** @default 'zed' */
  readonly release?: ReleaseName;
  /** Servers it begins with. @default 0 */
  readonly servers?: number;
  /** Projects that have them. */
  readonly projectIds?: readonly string[];
  /** @default none: everything is done as soon as it is answered */
  readonly durations?: Durations;
}

const sweepMs = 600_000;

export class SimulatedCloud implements Cloud {
  readonly name: string;
  readonly region: string;
  readonly seed: number;
  readonly releaseName: ReleaseName;
  readonly clock: Clock;
  readonly after: After<ServerTasks>;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly images: Images;
  readonly flavors = new Flavors(usualFlavors);
  readonly servers: Servers;
  readonly hosts: Hosts;
  readonly serverGroups: ServerGroups;
  readonly journal: Journal;
  readonly migrations: Migrations;
  readonly keyPairs = new KeyPairs();
  readonly quotas = new Quotas();
  readonly aggregates = new Aggregates();
  /** Servers that came by themselves. */
  churned = 0;

  constructor(options: CloudOptions) {
    const { name, seed = 1, release = 'zed', servers: count = 0, projectIds = [] } = options;
    if (count > 0 && projectIds.length === 0) throw new Error('servers without a project');
    this.name = name;
    this.region = options.region ?? name;
    this.seed = seed;
    this.releaseName = release;
    this.clock = new Clock(options.durations ?? noDurations, sequence(seed ^ numberOf(name)));
    const facts: CloudFacts = { clock: this.clock, seed, name, releaseName: release };
    this.networks = new Networks(facts);
    this.images = new Images(facts);
    this.volumes = new Volumes(facts, this.images);
    const hosts = hostNames(name, count);
    const flavorIds = usualFlavors.map(({ id }) => id);
    const imageIds = this.images.initialIds;
    const initial = new InitialServers({ cloud: name, seed, count, projectIds, flavorIds, imageIds, hosts });
    this.servers = new Servers(initial, this.clock);
    this.hosts = new Hosts(hosts, this.servers, this.flavors);
    this.serverGroups = new ServerGroups(this.servers);
    this.journal = new Journal(this.clock);
    this.migrations = new Migrations(this.clock);
    this.after = this.clock.register(serverTasks(this));
    this.clock.every(sweepMs, () => this.sweep());
  }

  get zone(): string {
    return this.name;
  }

  /** The host of its schedulers, conductors and agents. */
  get controller(): string {
    return `${this.name}-controller`;
  }

  get release(): Release {
    return releases[this.releaseName];
  }

  /** What of it is remembered, in the order in which it is taken back. */
  parts(): Parts {
    return {
      ...this.networks.parts(),
      ...this.images.parts(),
      ...this.volumes.parts(),
      ...this.flavors.parts(),
      ...this.keyPairs.parts(),
      ...this.quotas.parts(),
      ...this.aggregates.parts(),
      ...this.hosts.parts(),
      ...this.serverGroups.parts(),
      ...this.servers.parts(),
      ...this.journal.parts(),
      ...this.migrations.parts(),
      ...this.clock.parts(),
      'servers by themselves': valueAt(
        () => this.churned,
        (churned) => (this.churned = churned),
      ),
    };
  }

  close(): void {
    this.clock.close();
  }

  private sweep(): void {
    this.servers.sweep();
    this.journal.sweep((id) => this.servers.find(id) !== undefined);
  }
}
