/** The only way to a site: its health, its limits, and its ids in place of the cascade's. */
import type { Principal } from '../openstack/caller.js';
import { NoAnswer } from '../openstack/client/http.js';
import type { OpenStackResponse } from '../openstack/message.js';
import type { ServiceName } from '../openstack/service.js';
import type { SiteAliases } from './aliases.js';
import { atSites, type SiteAddress } from './endpoints.js';
import { Health, type HealthView } from './health.js';
import { limited, type SiteLimits } from './limits.js';
import { SiteUnreachable, type Site, type SiteCapabilities, type SiteRequest, type SiteState } from './site.js';
import { NotLoggedIn } from './site-tokens.js';
import type { SiteConnection } from './transport.js';

export interface SiteRecord {
  readonly id: number;
  readonly name: string;
  readonly state: SiteState;
  readonly capabilities: SiteCapabilities;
}

export interface Deadlines {
  /** Milliseconds for GET and HEAD. */
  readonly readMs: number;
  /** Milliseconds for all else: a site may work for a while before it answers a write. */
  readonly writeMs: number;
}

export class SiteGateway implements Site {
  private readonly services = new Map<ServiceName, Health>();
  private readonly probing = new Set<ServiceName>();
  private readonly run: <T>(work: () => Promise<T>) => Promise<T>;
  private readonly runBulk: <T>(work: () => Promise<T>) => Promise<T>;

  constructor(
    private record: SiteRecord,
    private readonly connection: SiteConnection,
    private readonly deadlines: Deadlines,
    limits: SiteLimits,
    private readonly aliases: () => SiteAliases | undefined = () => undefined,
  ) {
    this.run = limited(limits);
    this.runBulk = limited(limits);
  }

  get id(): number {
    return this.record.id;
  }
  get name(): string {
    return this.record.name;
  }
  get state(): SiteState {
    return this.record.state;
  }
  get capabilities(): SiteCapabilities {
    return this.record.capabilities;
  }

  /** Another state or other capabilities of the same cloud: what is under way goes on. */
  update(record: SiteRecord): void {
    this.record = record;
  }

  health(service: ServiceName = 'compute'): HealthView {
    return this.healthOf(service).now;
  }

  async request(asked: SiteRequest, principal?: Principal): Promise<OpenStackResponse> {
    const health = this.healthOf(asked.service);
    if (!health.now.reachable) throw new SiteUnreachable(this.name, true, health.now.lastError ?? 'unreachable', true);
    if (!this.capabilities.endpoints[asked.service]) {
      throw new SiteUnreachable(this.name, true, `the site has no ${asked.service} service`, true);
    }
    const run = asked.bulk ? this.runBulk : this.run;
    const sent = this.aliases();
    const response = await run(() => this.send(sent ? spelledForSite(asked, sent) : asked, principal));
    // Those that are known now: what became known while the site worked may be in its answer.
    const received = this.aliases();
    return received ? spelledForCascade(response, received) : response;
  }

  /** Asks every service for its version document, which needs no token and costs the site next to nothing. */
  async probe(): Promise<void> {
    await Promise.all(this.probedServices().map((service) => this.probeService(service)));
  }

  /** The same where it is time to; a service whose answer is still waited for is not asked again. */
  async probeDue(): Promise<void> {
    const services = this.probedServices();
    const inDoubt = services.some((service) => this.healthOf(service).isDoubted);
    const due = services.filter((one) => !this.probing.has(one) && this.healthOf(one).isProbeDue(inDoubt));
    await Promise.all(due.map((service) => this.probeService(service)));
  }

  /** What the cloud can do now, by its catalog, its version documents and Neutron's extensions. @throws SiteUnreachable */
  async rediscover(at: Pick<SiteAddress, 'region' | 'interface'>): Promise<SiteCapabilities> {
    try {
      return await this.connection.rediscover(at, this.capabilities);
    } catch (error) {
      throw this.unreachable(error);
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private probedServices(): ServiceName[] {
    return atSites.filter((service) => this.capabilities.endpoints[service]);
  }

  private async probeService(service: ServiceName): Promise<void> {
    const health = this.healthOf(service);
    health.probing();
    this.probing.add(service);
    try {
      await this.connection.probe(service, this.capabilities);
      health.answered(true);
    } catch (error) {
      health.silent((error as Error).message);
    } finally {
      this.probing.delete(service);
    }
  }

  private async send(asked: SiteRequest, principal: Principal | undefined): Promise<OpenStackResponse> {
    const health = this.healthOf(asked.service);
    const reads = asked.method === 'GET' || asked.method === 'HEAD';
    const deadlineMs = asked.deadlineMs ?? (reads ? this.deadlines.readMs : this.deadlines.writeMs);
    try {
      const response = await this.connection.send(asked, principal, this.capabilities, deadlineMs);
      health.answered(false);
      return response;
    } catch (error) {
      if (error instanceof NoAnswer) health.silent(error.message);
      throw this.unreachable(error);
    }
  }

  /** What went wrong behind the gateway, as everybody above it knows it; a mistake of our own stays what it is. */
  private unreachable(error: unknown): unknown {
    // A Keystone that does not let us in says nothing about the service, which was not asked.
    if (error instanceof NotLoggedIn) return new SiteUnreachable(this.name, true, error.reason);
    if (error instanceof NoAnswer) return new SiteUnreachable(this.name, error.notTaken, error.message);
    return error;
  }

  private healthOf(service: ServiceName): Health {
    let health = this.services.get(service);
    if (!health) this.services.set(service, (health = new Health()));
    return health;
  }
}

/** What is asked, with the site's own ids in it. */
function spelledForSite(asked: SiteRequest, aliases: SiteAliases): SiteRequest {
  const { path, query, body } = asked;
  return {
    ...asked,
    path: aliases.spelledForSite(path),
    ...(query === undefined ? {} : { query: aliases.spelledForSite(query) }),
    ...(Buffer.isBuffer(body) ? { body: aliases.bytesForSite(body) } : {}),
  };
}

/** An answer with the cascade's ids in it; bytes of images stay as they are. */
function spelledForCascade(response: OpenStackResponse, aliases: SiteAliases): OpenStackResponse {
  const { headers, body } = response;
  const location = headers['location'];
  return {
    ...response,
    headers: location === undefined ? headers : { ...headers, location: aliases.spelledForCascade(location) },
    body: Buffer.isBuffer(body) ? aliases.bytesForCascade(body) : body,
  };
}
