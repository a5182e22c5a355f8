/** An administrator's client of one OpenStack cloud: the cascade, or a site behind it, to be asked the same way. */
import { readFileSync } from 'node:fs';
import { HttpClient } from '@cascade/openstack-protocol/client/http.js';
import { endpointUrls, serviceRoot } from '@cascade/openstack-protocol/client/catalog.js';
import { KeystoneSession, type Credential } from '@cascade/openstack-protocol/client/keystone-session.js';
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';

type PasswordCredential = Extract<Credential, { kind: 'password' }>;

export interface CloudAddress {
  readonly name: string;
  readonly authUrl: string;
  readonly region: string;
  readonly interface: string;
}

export interface CloudAnswer<T> {
  readonly status: number;
  readonly body: T;
}

export class Cloud {
  private constructor(
    readonly address: CloudAddress,
    private readonly http: HttpClient,
    private readonly session: KeystoneSession,
  ) {}

  /** @param connections requests that may be under way at once */
  static at(address: CloudAddress, credential: Credential, connections = 4, shared?: Cloud): Cloud {
    const http = new HttpClient({ connections, verifyTls: process.env['OS_INSECURE'] !== 'true' });
    // Clouds of one Keystone share the login: a hundred at once would be a load of its own.
    const session =
      shared?.address.authUrl === address.authUrl
        ? shared.session
        : new KeystoneSession(http, address.authUrl, credential, 60_000);
    return new Cloud(address, http, session);
  }

  /** One request to a service, below its version: `/servers` of `compute`. Answers of any status are answers. @throws NoAnswer */
  async ask<T>(
    method: string,
    service: ServiceName,
    path: string,
    options: { body?: unknown; microversion?: string } = {},
  ): Promise<CloudAnswer<T>> {
    return this.send(method, (await this.urlOf(service)) + path, options);
  }

  /** Where a service is, with its version; for programs of other kinds, as `curl`. */
  async urlOf(service: ServiceName): Promise<string> {
    const { catalog } = await this.session.get();
    const [url] = endpointUrls(catalog, service, this.address.region, this.address.interface);
    if (url === undefined) throw new Error(`${this.address.name} has no ${service} in ${this.address.region}`);
    const version = { compute: '/v2.1', image: '/v2', network: '/v2.0' }[service as string];
    return version ? serviceRoot(url) + version : url;
  }

  async token(): Promise<string> {
    return (await this.session.get()).token;
  }

  /** The project that its administrator works in. */
  async projectId(): Promise<string | undefined> {
    return (await this.session.get()).projectId;
  }

  /** The operator's API, of a cascade. @throws Error for any answer but a success */
  async operate<T>(path: string, method = 'GET', wanted?: unknown): Promise<T> {
    const root = process.env['CASCADE_URL'] ?? this.address.authUrl.replace(/\/identity(\/v3)?\/?$/, '');
    const { status, body } = await this.send<T>(method, `${root}/cascade/v1${path}`, { body: wanted });
    if (status >= 300) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  close(): Promise<void> {
    return this.http.close();
  }

  private async send<T>(
    method: string,
    url: string,
    { body, microversion }: { body?: unknown; microversion?: string },
  ): Promise<CloudAnswer<T>> {
    const { token } = await this.session.get();
    const answer = await this.http.send({
      method,
      url,
      headers: {
        'x-auth-token': token,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(microversion ? { 'openstack-api-version': `compute ${microversion}` } : {}),
      },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
      deadlineMs: 300_000,
    });
    return { status: answer.status, body: bodyOf(answer) as T };
  }
}

/** From the environment: OS_USERNAME …; with another prefix where that is set, as SITE_USERNAME. */
export function administrator(prefix = 'OS'): PasswordCredential {
  const read = (name: string): string => {
    const value = process.env[`${prefix}_${name}`] ?? process.env[`OS_${name}`];
    if (!value) throw new Error(`OS_${name} is not set; source the openrc of the cascade's administrator`);
    return value;
  };
  return {
    kind: 'password',
    username: read('USERNAME'),
    password: read('PASSWORD'),
    projectName: read('PROJECT_NAME'),
    userDomain: process.env['OS_USER_DOMAIN_NAME'] ?? 'default',
    projectDomain: process.env['OS_PROJECT_DOMAIN_NAME'] ?? 'default',
  };
}

/** The cascade that OS_* speak of. */
export function theCascade(connections?: number): Cloud {
  const authUrl = process.env['OS_AUTH_URL'];
  if (!authUrl) throw new Error("OS_AUTH_URL is not set; source the openrc of the cascade's administrator");
  const region = process.env['OS_REGION_NAME'] ?? 'RegionOne';
  return Cloud.at({ name: 'cascade', authUrl, region, interface: 'public' }, administrator(), connections);
}

interface SiteView {
  readonly name: string;
  readonly auth_url: string;
  readonly region: string;
  readonly interface: string;
}

/** What `cascade simulate --out FILE` writes of each cloud. */
interface SimulatedSite {
  readonly name: string;
  readonly auth_url: string;
  readonly region: string;
  readonly auth?: { readonly username: string; readonly password: string; readonly project_name: string };
}

export function simulatedSites(file: string): SimulatedSite[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as { sites: SimulatedSite[] }).sites;
}

/** Clouds of a Keystone of their own name their administrator; others have SITE_USERNAME …, or the cascade's. */
export function credentialOf(site: SimulatedSite | undefined): PasswordCredential {
  if (!site?.auth) return administrator('SITE');
  const { username, password, project_name: projectName } = site.auth;
  return { kind: 'password', username, password, projectName, userDomain: 'default', projectDomain: 'default' };
}

/** The sites of a cascade, to be asked directly. @param file of `cascade simulate --out`, where their accounts differ */
export async function sitesOf(cascade: Cloud, file?: string): Promise<Cloud[]> {
  const { sites } = await cascade.operate<{ sites: SiteView[] }>('/sites');
  const simulated = new Map((file ? simulatedSites(file) : []).map((site) => [site.name, site]));
  const clouds: Cloud[] = [];
  for (const { name, auth_url: authUrl, region, interface: face } of sites) {
    const address = { name, authUrl, region, interface: face };
    const sibling = clouds.find((cloud) => cloud.address.authUrl === authUrl);
    clouds.push(Cloud.at(address, credentialOf(simulated.get(name)), 4, sibling));
  }
  return clouds;
}

/** @throws Error where the cascade has no such site */
export function siteNamed(sites: readonly Cloud[], name: string): Cloud {
  const site = sites.find(({ address }) => address.name === name);
  if (!site) throw new Error(`the cascade has no site ${name}`);
  return site;
}

export interface ListedServer {
  readonly id: string;
  readonly name: string;
  readonly status?: string;
  readonly updated?: string;
}

/** Pages of servers of all tenants, from the newest. `path` may hold filters: `/servers/detail?changes-since=…`. */
export async function* serverPages(cloud: Cloud, path: string, microversion = '2.1'): AsyncGenerator<ListedServer[]> {
  const query = `${path}${path.includes('?') ? '&' : '?'}all_tenants=1&limit=1000`;
  for (let marker: string | undefined; ;) {
    const { status, body } = await cloud.ask<{ servers: ListedServer[]; servers_links?: unknown[] }>(
      'GET',
      'compute',
      marker === undefined ? query : `${query}&marker=${marker}`,
      { microversion },
    );
    if (status !== 200) throw new Error(`${cloud.address.name}: ${query}: ${status} ${JSON.stringify(body)}`);
    yield body.servers;
    marker = body.servers.at(-1)?.id;
    if (marker === undefined || !body.servers_links) return;
  }
}
