/** The only way to a site: its health, its limits, and its ids in place of the cascade's. */
import type { Principal } from '@cascade/openstack-protocol/caller.js';
import { NoAnswer } from '@cascade/openstack-protocol/client/http.js';
import type { Headers, OpenStackRequest, OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { atSites, type SiteAddress } from './endpoints.js';
import { Health, type HealthView } from './health.js';
import { limited, type SiteLimits } from './limits.js';
import { sameIds, type IdTranslation } from './site-aliases.js';
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
    private readonly ids: IdTranslation = sameIds,
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

  health(service: ServiceName): HealthView {
    return this.healthOf(service).now;
  }

  async request(asked: SiteRequest, principal?: Principal): Promise<OpenStackResponse> {
    const health = this.healthOf(asked.service);
    if (!health.now.reachable) throw new SiteUnreachable(this.name, true, health.now.lastError ?? 'unreachable', true);
    if (!this.capabilities.endpoints[asked.service]) {
      throw new SiteUnreachable(this.name, true, `the site has no ${asked.service} service`, true);
    }
    const run = asked.bulk ? this.runBulk : this.run;
    const { ids } = this;
    const isRead = isReading(asked) && !asked.body;
    const sent = await withSiteIds(asked, (bytes) => (isRead ? ids.toSiteAsKnown(bytes) : ids.toSite(bytes)));
    const response = await run(() => this.send(sent, principal));
    // By what is known now: what became known while the site worked may be in its response.
    const [translated, now] = await Promise.all([
      withCascadeIds(response, ids),
      isRead ? withSiteIds(asked, (bytes) => ids.toSite(bytes)) : sent,
    ]);
    if (now.path === sent.path && now.query === sent.query) return translated;
    // A read was sent without a question to the database, and another process had written an alias of what it names.
    if (!Buffer.isBuffer(response.body)) response.body.destroy();
    return withCascadeIds(await run(() => this.send(now, principal)), ids);
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
    const deadlineMs = asked.deadlineMs ?? (isReading(asked) ? this.deadlines.readMs : this.deadlines.writeMs);
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

const isReading = ({ method }: SiteRequest): boolean => method === 'GET' || method === 'HEAD';

/** What is asked, with the site's own ids in it. */
async function withSiteIds(asked: SiteRequest, translate: (bytes: Buffer) => Promise<Buffer>): Promise<SiteRequest> {
  const [path, query, body] = await Promise.all([
    inText(asked.path, translate),
    asked.query && inText(asked.query, translate),
    isTranslated(asked.body, asked.headers) ? translate(asked.body) : asked.body,
  ]);
  if (path === asked.path && query === asked.query && body === asked.body) return asked;
  const headers = body === asked.body ? asked.headers : withoutLength(asked.headers);
  return {
    ...asked,
    path,
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
    ...(headers === undefined ? {} : { headers }),
  };
}

/** A response with the cascade's ids in it. */
async function withCascadeIds(response: OpenStackResponse, ids: IdTranslation): Promise<OpenStackResponse> {
  const { location } = response.headers;
  const [body, there] = await Promise.all([
    isTranslated(response.body, response.headers) ? ids.toCascade(response.body) : response.body,
    location && inText(location, (bytes) => ids.toCascade(bytes)),
  ]);
  if (body === response.body && there === location) return response;
  const headers = body === response.body ? response.headers : withoutLength(response.headers);
  return { ...response, headers: there ? { ...headers, location: there } : headers, body };
}

/** Bytes of images, and whatever else is a stream of bytes to those who send it, stay as they are. */
const isTranslated = (body: OpenStackRequest['body'], headers: Headers = {}): body is Buffer =>
  Buffer.isBuffer(body) && !(headers['content-type'] ?? '').startsWith('application/octet-stream');

async function inText(text: string, translate: (bytes: Buffer) => Promise<Buffer>): Promise<string> {
  const bytes = Buffer.from(text);
  const translated = await translate(bytes);
  return translated === bytes ? text : translated.toString();
}

/** An id may be longer on one side than on the other. */
function withoutLength<T extends Headers | undefined>(headers: T): T {
  const { 'content-length': _length, ...others } = headers ?? {};
  return (headers && others) as T;
}
