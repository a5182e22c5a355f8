/** The only door to a site. */
import { NoAnswer, type HttpClient } from '../openstack/client/http.js';
import { LoginRefused, type KeystoneSession } from '../openstack/client/keystone-session.js';
import type { Headers, OpenStackResponse } from '../openstack/message.js';
import { microversionHeaders, older } from '../openstack/microversion.js';
import { serviceOf, type ServiceName } from '../openstack/service.js';
import type { SiteAliases } from './aliases.js';
import type { SiteAddress } from './discover.js';
import { Health, type HealthView } from './health.js';
import { limited, type SiteLimits } from './limits.js';
import { Absences, rediscover } from './rediscover.js';
import {
  SiteUnreachable,
  type OnBehalfOf,
  type Site,
  type SiteCapabilities,
  type SiteRequest,
  type SiteState,
} from './site.js';

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

const probed: readonly ServiceName[] = ['compute', 'volume', 'network', 'image', 'placement'];

export class SiteGateway implements Site {
  private readonly services = new Map<ServiceName, Health>();
  private readonly probing = new Set<ServiceName>();
  private readonly absences = new Absences();
  private readonly run: <T>(work: () => Promise<T>) => Promise<T>;
  private readonly runBulk: <T>(work: () => Promise<T>) => Promise<T>;

  constructor(
    private record: SiteRecord,
    private readonly http: HttpClient,
    private readonly session: KeystoneSession,
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

  async request(asked: SiteRequest, as?: OnBehalfOf): Promise<OpenStackResponse> {
    const health = this.healthOf(asked.service);
    if (!health.now.reachable) throw new SiteUnreachable(this.name, true, health.now.lastError ?? 'unreachable');
    const run = asked.bulk ? this.runBulk : this.run;
    const aliases = this.aliases();
    const spelled = aliases ? spelledForSite(asked, aliases) : asked;
    const response = await run(() => (as ? this.send(spelled, as) : this.sendAsSelf(spelled)));
    return aliases ? spelledForCascade(response, aliases) : response;
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
      return await rediscover(this.http, this.session, at, this.record.capabilities, this.absences);
    } catch (error) {
      throw this.noLogin(error);
    }
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private probedServices(): ServiceName[] {
    return probed.filter((service) => this.record.capabilities.endpoints[service]);
  }

  private async probeService(service: ServiceName): Promise<void> {
    const url = `${this.record.capabilities.endpoints[service]?.[0]}/`;
    const health = this.healthOf(service);
    health.probing();
    this.probing.add(service);
    try {
      await this.http.send({ method: 'GET', url, headers: {}, deadlineMs: 8_000 });
      health.answered(true);
    } catch (error) {
      health.silent((error as Error).message);
    } finally {
      this.probing.delete(service);
    }
  }

  private async sendAsSelf(asked: SiteRequest): Promise<OpenStackResponse> {
    for (let attempt = 0; ; attempt += 1) {
      const { token, projectId } = await this.login();
      const response = await this.send(asked, { token, ...(projectId ? { projectId } : {}) });
      const repeatable = !asked.body || Buffer.isBuffer(asked.body);
      if (response.status !== 401 || attempt > 0 || !repeatable) return response;
      this.session.forget(token);
    }
  }

  private async login() {
    try {
      return await this.session.get();
    } catch (error) {
      throw this.noLogin(error);
    }
  }

  private noLogin(error: unknown): SiteUnreachable {
    const refused = error instanceof LoginRefused ? `login refused: ${error.message}` : (error as Error).message;
    return new SiteUnreachable(this.name, true, refused);
  }

  private async send(asked: SiteRequest, as: OnBehalfOf): Promise<OpenStackResponse> {
    const health = this.healthOf(asked.service);
    const reads = asked.method === 'GET' || asked.method === 'HEAD';
    const start = performance.now();
    try {
      const response = await this.http.send({
        method: asked.method,
        url: this.urlOf(asked, as.projectId),
        headers: {
          ...this.headersOf(asked, as.token),
          ...(as.vouched ? { 'x-service-token': (await this.login()).token } : {}),
        },
        ...(asked.body ? { body: asked.body } : {}),
        bulk: asked.bulk,
        deadlineMs: asked.deadlineMs ?? (reads ? this.deadlines.readMs : this.deadlines.writeMs),
      });
      health.answered(false);
      return response;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      health.silent(error.message);
      throw new SiteUnreachable(this.name, error.notTaken, error.message);
    } finally {
      asked.spent?.(performance.now() - start);
    }
  }

  private urlOf(asked: SiteRequest, projectId: string | undefined): string {
    const root = this.record.capabilities.endpoints[asked.service]?.[0];
    if (!root) throw new SiteUnreachable(this.name, true, `the site has no ${asked.service} service`);
    // Cinder wants the project in every path but those of default types, which belong to no project.
    const inPath = asked.service === 'volume' && !asked.path.startsWith('/default-types');
    const project = inPath ? `/${projectId ?? ''}` : '';
    return `${root}${serviceOf(asked.service).version}${project}${asked.path}${asked.query ? `?${asked.query}` : ''}`;
  }

  private headersOf(asked: SiteRequest, token: string): Headers {
    const range = this.record.capabilities.microversions[asked.service];
    const version = asked.microversion && range ? older(asked.microversion, range.max) : asked.microversion;
    return {
      accept: 'application/json',
      ...asked.headers,
      ...microversionHeaders(serviceOf(asked.service), version),
      'x-auth-token': token,
    };
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
