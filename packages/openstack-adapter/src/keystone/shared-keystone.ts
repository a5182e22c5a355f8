/** A Keystone that several clouds share, as the regions of one installation do. Each shows its own catalog only. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { NoAnswer, type HttpClient } from '@cascade/openstack-protocol/client/http.js';
import {
  validated,
  validationHeaders,
  validationPath,
  type Validated,
} from '@cascade/openstack-protocol/client/validation.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { PassedRequest } from '@cascade/openstack-protocol/server/front-door.js';
import { bodyOf, withBody, type Headers, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { catalogOfCloud, type CatalogOwner } from './catalog.js';
import { isAdmin, refused, type Keystone } from './keystone.js';

const deadlineMs = 30_000;
/** Milliseconds a validated token is believed, as keystonemiddleware does. */
const believedMs = 300_000;

/** The connection that all clouds of one process have in common. */
export class SharedKeystone {
  /** By digest, so that a dump of the memory's keys shows no token. */
  private readonly known = new LRUCache<string, Validated>({ max: 20_000, ttl: believedMs });
  private readonly asking = new Map<string, Promise<Validated>>();

  constructor(
    private readonly http: HttpClient,
    /** Without `/v3`. */
    readonly url: string,
  ) {}

  /** The Keystone as one of the clouds shows it. */
  in(cloud: CatalogOwner): Keystone {
    return {
      answer: (asked) => this.pass(cloud, asked),
      callerOf: (token) => this.callerOf(token),
    };
  }

  private async callerOf(token: string | undefined): Promise<Caller> {
    if (!token) throw refused();
    const key = digest(token);
    const known = this.known.get(key);
    if (known && known.expiresAt > Date.now()) return known.caller;
    let asking = this.asking.get(key);
    if (!asking) this.asking.set(key, (asking = this.validate(token).finally(() => this.asking.delete(key))));
    const fresh = await asking;
    this.known.set(key, fresh);
    return fresh.caller;
  }

  private async validate(token: string): Promise<Validated> {
    const response = await this.send('GET', validationPath, validationHeaders(token));
    if (response.status >= 500) throw silent();
    const known = validated(token, response, isAdmin);
    if (!known) throw refused();
    return known;
  }

  private async pass(cloud: CatalogOwner, asked: PassedRequest): Promise<OpenStackResponse> {
    const body = ['GET', 'HEAD', 'DELETE'].includes(asked.method) ? undefined : await asked.readBody();
    const response = await this.send(asked.method, asked.pathAndQuery, forwardable(asked.headers), body);
    if (asked.method === 'DELETE') this.known.delete(digest(asked.headers['x-subject-token'] ?? ''));
    return this.present(cloud, response, asked.publicUrl);
  }

  private async send(method: string, path: string, headers: Headers, body?: Buffer): Promise<OpenStackResponse> {
    try {
      return await this.http.send({
        method,
        url: `${this.url}${path}`,
        headers,
        ...(body ? { body } : {}),
        deadlineMs,
      });
    } catch (error) {
      throw error instanceof NoAnswer ? silent() : error;
    }
  }

  /** The same answer with the cloud's catalog, and with links that lead to the cloud. */
  private present(cloud: CatalogOwner, response: OpenStackResponse, publicUrl: string): OpenStackResponse {
    const relink = (text: string): string => text.replaceAll(this.url, `${publicUrl}/identity`);
    const { 'content-length': _length, ...plain } = response.headers;
    const headers = Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, relink(value)]));
    const body = bodyOf(response);
    if (!isObject(body)) return { ...response, headers };
    const shown = withBody({ ...response, headers }, withCatalog(cloud, body, publicUrl));
    return { ...shown, body: Buffer.from(relink(shown.body.toString())) };
  }
}

function withCatalog(cloud: CatalogOwner, body: Record<string, unknown>, publicUrl: string): Record<string, unknown> {
  const token = body['token'];
  if (isObject(token) && Array.isArray(token['catalog'])) {
    const project = isObject(token['project']) ? String(token['project']['id']) : undefined;
    return { ...body, token: { ...token, catalog: catalogOfCloud(cloud, publicUrl, project) } };
  }
  if (!Array.isArray(body['catalog'])) return body;
  // `GET /auth/catalog` does not say the project; the volume endpoints of a catalog carry it.
  const project = /\/v3\/([0-9a-f]{32})"/.exec(JSON.stringify(body['catalog']))?.[1];
  return { ...body, catalog: catalogOfCloud(cloud, publicUrl, project) };
}

const silent = (): Fault => new Fault('unavailable', 'The identity service does not answer at the moment.');

const digest = (token: string): string => createHash('sha256').update(token).digest('base64');

const notForwarded =
  /^(host|content-length|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|proxy-.*|forwarded|x-forwarded-.*|accept-encoding)$/;

const forwardable = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !notForwarded.test(name)));
