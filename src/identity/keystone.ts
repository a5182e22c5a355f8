/** Shared-Keystone mode: `/identity` is the real Keystone, with the cascade's catalog in place of the sites'. */
import { bodyOf, withBody, type Headers, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { PassedRequest } from '@cascade/openstack-protocol/server/front-door.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { NoAnswer, type HttpClient } from '@cascade/openstack-protocol/client/http.js';
import { validated, validationHeaders, validationPath } from '@cascade/openstack-protocol/client/validation.js';
import { cascadeCatalog, servicesBeside } from './catalog.js';
import { isAdmin } from './policy.js';
import type { Identity, ValidatedToken } from './token-validation.js';

export interface KeystoneOptions {
  /** Where the real Keystone is, without `/v3`. */
  readonly url: string;
  /** Further URLs under which Keystone may link to itself (its `public_endpoint`). */
  readonly aliases: readonly string[];
  /** The one region tenants see. */
  readonly region: string;
  readonly deadlineMs: number;
}

/** Set by an administrator who wants to see the sites' own regions and endpoints. */
const showSites = 'cascade_sites';

const identityIsSilent = (): Fault =>
  new Fault('unavailable', 'The identity service does not answer at the moment.', { headers: { 'retry-after': '5' } });

export class Keystone implements Identity {
  constructor(
    private readonly http: HttpClient,
    private readonly options: KeystoneOptions,
    /** Regions that belong to sites and are hidden. */
    private readonly hiddenRegions: () => ReadonlySet<string>,
    /** Called with a token that was revoked through us. */
    private readonly revoked: (token: string) => Promise<void>,
  ) {}

  /** @throws Fault 503 when Keystone does not answer */
  async answer(asked: PassedRequest): Promise<OpenStackResponse> {
    const [path = '', rawQuery = ''] = asked.pathAndQuery.split('?', 2);
    const query = new URLSearchParams(rawQuery);
    const flagged = query.has(showSites);
    const below = flagged ? withoutFlag(path, query) : asked.pathAndQuery;
    const unhide = flagged && (await this.isAdministrator(asked.headers['x-auth-token']));
    const body = ['GET', 'HEAD', 'DELETE'].includes(asked.method) ? undefined : await asked.readBody();
    const response = await this.send(asked.method, below, forwardable(asked), body);
    if (asked.method === 'DELETE' && response.status < 300 && path.endsWith('/auth/tokens')) {
      await this.revoked(asked.headers['x-subject-token'] ?? '');
    }
    return this.present(response, path, asked, unhide);
  }

  /** Asks Keystone itself. @throws Fault 503 */
  async send(method: string, path: string, headers: Headers, body?: Buffer): Promise<OpenStackResponse> {
    try {
      const { url, deadlineMs } = this.options;
      return await this.http.send({ method, url: `${url}${path}`, headers, ...(body ? { body } : {}), deadlineMs });
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      throw identityIsSilent();
    }
  }

  async validate(token: string): Promise<ValidatedToken | undefined> {
    const response = await this.send('GET', validationPath, validationHeaders(token));
    if (response.status >= 500) throw identityIsSilent();
    return validated(token, response, isAdmin);
  }

  private async isAdministrator(token: string | undefined): Promise<boolean> {
    return token !== undefined && (await this.validate(token))?.caller.isAdmin === true;
  }

  private present(response: OpenStackResponse, path: string, asked: PassedRequest, unhide: boolean): OpenStackResponse {
    const identityUrl = `${asked.publicUrl}/identity`;
    const { 'content-length': _length, ...plain } = response.headers;
    const headers = Object.fromEntries(
      Object.entries(plain).map(([name, value]) => [name, this.relink(value, identityUrl)]),
    );
    if (!Buffer.isBuffer(response.body) || response.body.length === 0) return { ...response, headers };
    const body = bodyOf(response);
    if (body === undefined) {
      return { ...response, headers, body: Buffer.from(this.relink(response.body.toString(), identityUrl)) };
    }
    const shown = this.replaceCatalog(body, asked.publicUrl);
    const answer = withBody({ ...response, headers }, unhide ? shown : this.hideSites(shown, path));
    return { ...answer, body: Buffer.from(this.relink(answer.body.toString(), identityUrl)) };
  }

  private relink(text: string, identityUrl: string): string {
    for (const url of [this.options.url, ...this.options.aliases]) {
      // The sites' own Keystone URL may be the prefix of another port's; only a whole authority is ours.
      text = text.replaceAll(new RegExp(`${escapeRegExp(url)}(?![\\w:-]|\\.\\w)`, 'g'), identityUrl);
    }
    return text;
  }

  private replaceCatalog(body: unknown, publicUrl: string): unknown {
    if (!isObject(body)) return body;
    const token = body['token'];
    if (isObject(token) && Array.isArray(token['catalog'])) {
      const project = isObject(token['project']) ? String(token['project']['id']) : undefined;
      return { ...body, token: { ...token, catalog: this.shownCatalog(token['catalog'], publicUrl, project) } };
    }
    const { catalog } = body;
    if (!Array.isArray(catalog)) return body;
    return { ...body, catalog: this.shownCatalog(catalog, publicUrl, projectInCatalog(catalog)) };
  }

  private shownCatalog(catalog: unknown[], publicUrl: string, project: string | undefined): unknown[] {
    const hidden = this.hiddenRegions();
    const own = cascadeCatalog(publicUrl, this.options.region, project);
    return [...own, ...servicesBeside(catalog, (region) => hidden.has(region))];
  }

  /** By what the answer holds: a path can be spelled in many ways. @throws Fault 404 for one region or endpoint of a site */
  private hideSites(body: unknown, path: string): unknown {
    if (!isObject(body)) return body;
    const hidden = this.hiddenRegions();
    const ofSite = (item: unknown): boolean => isObject(item) && hidden.has(String(item['region_id'] ?? item['id']));
    const regionOfSite = (item: unknown): boolean =>
      isObject(item) && [item['id'], item['parent_region_id']].some((id) => hidden.has(String(id)));
    const { endpoints, regions } = body;
    if (Array.isArray(endpoints)) return { ...body, endpoints: endpoints.filter((item) => !ofSite(item)) };
    if (Array.isArray(regions)) return { ...body, regions: regions.filter((item) => !regionOfSite(item)) };
    if (ofSite(body['endpoint']) || regionOfSite(body['region'])) {
      const [what, id] = path.split('/').slice(-2);
      throw new Fault('not-found', `Could not find ${what?.replace(/s$/, '')}: ${id}.`);
    }
    return body;
  }
}

function withoutFlag(path: string, query: URLSearchParams): string {
  query.delete(showSites);
  const rest = query.toString();
  return rest ? `${path}?${rest}` : path;
}

// What is said about one connection only; how the outside reaches us, from which Keystone would make links of its own;
// and compressions, since the links in an answer are led back.
const notForwarded =
  /^(host|content-length|connection|keep-alive|transfer-encoding|te|trailer|upgrade|http2-settings|expect|proxy-.*|forwarded|x-forwarded-(host|proto|port|prefix)|accept-encoding)$/;

const forwardable = (asked: PassedRequest): Headers =>
  Object.fromEntries(Object.entries(asked.headers).filter(([name]) => !notForwarded.test(name)));

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

// `GET /auth/catalog` does not say the project; the endpoints of Cinder, Heat or Swift carry it.
function projectInCatalog(catalog: unknown[]): string | undefined {
  return /"[^"]*\/v[\d.]+\/(?:AUTH_)?([0-9a-f]{32})"/.exec(JSON.stringify(catalog))?.[1];
}
