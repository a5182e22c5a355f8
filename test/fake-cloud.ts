/** Two clouds under one Keystone, with as much of OpenStack in them as the tests need. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { AccessRule } from '@cascade/openstack-protocol/server/access-rules.js';
import { FakeServer, type ReceivedRequest, type Json, type Reply } from './fake-server.js';

export interface Token {
  readonly userId: string;
  readonly projectId?: string | undefined;
  readonly roles: readonly string[];
  readonly expiresAt: Date;
  /** Of the application credential it was made with. */
  readonly accessRules?: readonly AccessRule[];
}

const newId = (): string => randomBytes(16).toString('hex');
const inAnHour = (): Date => new Date(Date.now() + 3_600_000);

export class FakeKeystone {
  readonly server = new FakeServer((asked) => this.answer(asked));
  readonly sites: { readonly region: string; readonly server: { readonly url: string } }[] = [];
  /** By name. */
  readonly users = new Map<string, { id: string; password: string; projectId: string; roles: string[] }>();
  readonly tokens = new Map<string, Token>();
  /** Services that are in its catalog besides: Heat, or what a site has of its own. */
  readonly others: { type: string; region_id: string; url: string }[] = [];
  /** Service types that its catalog lacks. */
  readonly unlisted = new Set<string>();

  /** A token as if somebody had logged in. */
  issue(token: Partial<Token> & { roles: readonly string[] }): string {
    const text = `gAAAAA${randomBytes(24).toString('base64url')}`;
    this.tokens.set(text, { userId: newId(), expiresAt: inAnHour(), ...token });
    return text;
  }

  /** Who a token stands for; undefined for one that is forged, revoked or expired. */
  bearer(text: unknown): Token | undefined {
    const token = this.tokens.get(String(text));
    return token && token.expiresAt.getTime() > Date.now() ? token : undefined;
  }

  private answer(asked: ReceivedRequest): Reply {
    const { method, path, headers } = asked;
    if (method === 'POST' && path === '/v3/auth/tokens') return this.login(asked);
    if (path === '/v3')
      return { status: 200, body: { version: { id: 'v3.14', links: [{ href: `${this.server.url}/v3/` }] } } };
    const caller = this.bearer(headers['x-auth-token']);
    if (!caller) return refused;
    switch (path) {
      case '/v3/auth/tokens': {
        const subject = String(headers['x-subject-token']);
        const token = this.bearer(subject);
        if (!token || (token.accessRules && headers['openstack-identity-access-rules'] !== '1.0'))
          return { status: 404, body: { error: { code: 404, title: 'Not Found', message: 'no such token' } } };
        if (method === 'DELETE') this.tokens.delete(subject);
        return method === 'DELETE' ? { status: 204 } : { status: 200, body: this.shown(token) };
      }
      case '/v3/auth/catalog':
        return {
          status: 200,
          body: { catalog: this.catalog(caller.projectId), links: { self: `${this.server.url}${path}` } },
        };
      case '/v3/endpoints':
        return { status: 200, body: { endpoints: this.catalog('').flatMap((service) => service.endpoints) } };
      case '/v3/regions':
        return {
          status: 200,
          body: { regions: ['RegionOne', ...this.sites.map((site) => site.region)].map((id) => ({ id })) },
        };
      default:
        return { status: 404, body: { error: { code: 404, message: `nothing at ${this.server.url}${path}` } } };
    }
  }

  private login({ body }: ReceivedRequest): Reply {
    const wanted = (body as { auth: { identity: { password: { user: { name: string; password: string } } } } }).auth;
    const { name, password } = wanted.identity.password.user;
    const user = this.users.get(name);
    if (user?.password !== password) return refused;
    const text = this.issue({ userId: user.id, projectId: user.projectId, roles: user.roles });
    return { status: 201, headers: { 'x-subject-token': text }, body: this.shown(this.tokens.get(text)!) };
  }

  private shown({ userId, projectId, roles, expiresAt, accessRules }: Token): Json {
    return {
      token: {
        user: { id: userId },
        ...(projectId ? { project: { id: projectId } } : {}),
        roles: roles.map((name) => ({ name })),
        expires_at: expiresAt.toISOString(),
        ...(accessRules ? { application_credential: { id: newId(), name: 'robot', access_rules: accessRules } } : {}),
        catalog: this.catalog(projectId),
      },
    };
  }

  private catalog(projectId = '') {
    const entry = (type: string, region_id: string, url: string) => ({
      type,
      endpoints: [{ id: newId(), interface: 'public', region_id, url }],
    });
    return [
      entry('identity', 'RegionOne', `${this.server.url}/v3`),
      ...this.sites.flatMap(({ region, server: { url } }) => [
        entry('compute', region, `${url}/compute/v2.1`),
        entry('volumev3', region, `${url}/volume/v3/${projectId}`),
        entry('network', region, `${url}/network`),
        entry('image', region, `${url}/image`),
      ]),
      ...this.others.map(({ type, region_id, url }) => entry(type, region_id, `${url}/${projectId}`)),
    ].filter(({ type }) => !this.unlisted.has(type));
  }
}

const refused: Reply = {
  status: 401,
  body: { error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' } },
};

const prefixes = /^\/(compute\/v2\.1|volume\/v3\/[0-9a-f]+|network\/v2\.0|image\/v2)(?=\/)/;
const second = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;

/** Nova, Cinder, Neutron and Glance of one cloud. What they hold is in `things`, by id. */
export class FakeSite {
  readonly server = new FakeServer((asked) => this.answer(asked));
  readonly things = new Map<string, Json & { id: string }>();
  /** Rows of one page at most, whatever is asked for. */
  pageSize = 1000;
  /** True makes every page the first one, with a link to the next. */
  repeatsPages = false;
  /** The newest microversion that its Nova speaks. */
  novaMax = '2.93';
  networkExtensions = ['router'];
  /** How far its clock is ahead. */
  skewMs = 0;
  /** What its lists go on showing while a replica lags; what is asked for by id is up to date. */
  private lagging: Map<string, Json & { id: string }> | undefined;
  private readonly rejected = new Set<unknown>();

  constructor(
    private readonly keystone: FakeKeystone,
    readonly region: string,
  ) {}

  /** Something made at the site itself: `put('servers', { name: 'db1' })`. */
  put(collection: string, body: Json): Json & { id: string } {
    const now = second(this.now());
    const thing = {
      id: randomUUID(),
      collection,
      created_at: now,
      updated_at: now,
      ...defaultsOf(collection, now),
      ...body,
    };
    this.things.set(thing.id, thing);
    return thing;
  }

  change(id: string, body: Json): Json {
    const now = second(this.now());
    return Object.assign(this.things.get(id)!, { updated: now, updated_at: now }, body);
  }

  /** Deleted at the site itself. Nova goes on telling so to `changes-since`. */
  remove(id: string): void {
    if (this.things.get(id)?.['collection'] === 'servers') this.change(id, { status: 'DELETED' });
    else this.things.delete(id);
  }

  fallBehind(): void {
    this.lagging = new Map([...this.things].map(([id, thing]) => [id, { ...thing }]));
  }

  catchUp(): void {
    this.lagging = undefined;
  }

  private now(): Date {
    return new Date(Date.now() + this.skewMs);
  }

  /** The tokens that a user was given so far are worth nothing here. */
  rejectTokensOf(userName: string): void {
    const userId = this.keystone.users.get(userName)?.id;
    for (const [text, token] of this.keystone.tokens) if (token.userId === userId) this.rejected.add(text);
  }

  private answer(asked: ReceivedRequest): Reply {
    const { headers, path } = asked;
    if (path === '/compute/') return versions(this.novaMax, '2.1');
    if (path === '/volume/') return versions('3.70', '3.0');
    const token = headers['x-auth-token'];
    const caller = this.keystone.bearer(token);
    if (/^\/\w+\/$/.test(path)) return { status: 200, body: { versions: [] } };
    if (!caller || this.rejected.has(token)) return refused;
    const [, collection = '', id, below] = path.replace(prefixes, '').split('/');
    if (id === undefined || id === 'detail')
      return asked.method === 'POST' ? this.create(collection, asked, caller) : this.list(collection, asked, caller);
    const thing = this.things.get(id);
    const isVisible =
      caller.roles.includes('admin') || caller.projectId === ownerOf(thing) || thing?.['visibility'] === 'public';
    if (!thing || !isVisible || thing['status'] === 'DELETED')
      return { status: 404, body: { itemNotFound: { code: 404, message: `${id} could not be found.` } } };
    if (below === 'os-flavor-access') return { status: 200, body: { flavor_access: thing['flavor_access'] } };
    if (below !== undefined) return { status: 202 };
    if (asked.method === 'DELETE') this.remove(id);
    if (asked.method === 'PUT') this.change(id, asked.body[keyOf(String(thing['collection']))] as Json);
    return asked.method === 'DELETE' ? { status: 204 } : { status: 200, body: wrapped(thing) };
  }

  private create(collection: string, { body }: ReceivedRequest, caller: Token): Reply {
    if (!['servers', 'volumes', 'networks'].includes(collection)) return { status: 404, body: {} };
    const wanted = body[keyOf(collection)] as Json | undefined;
    if (!wanted) return { status: 400, body: { badRequest: { code: 400, message: 'Malformed request body' } } };
    if (collection !== 'servers') {
      const owner = { tenant_id: caller.projectId, 'os-vol-tenant-attr:tenant_id': caller.projectId };
      return {
        status: collection === 'volumes' ? 202 : 201,
        body: wrapped(this.put(collection, { ...wanted, ...owner })),
      };
    }
    const { id } = this.put('servers', { name: wanted['name'], tenant_id: caller.projectId, user_id: caller.userId });
    const links = [{ rel: 'self', href: `${this.server.url}/compute/v2.1/servers/${id}` }];
    return {
      status: 202,
      headers: { location: links[0]!.href },
      body: { server: { id, links, adminPass: 'secret1234' } },
    };
  }

  private list(collection: string, { path, query }: ReceivedRequest, caller: Token): Reply {
    const isAdmin = caller.roles.includes('admin');
    if (query.get('all_tenants') === '1' && !isAdmin)
      return { status: 403, body: { forbidden: { code: 403, message: 'no' } } };
    if (collection === 'extensions')
      return { status: 200, body: { extensions: this.networkExtensions.map((alias) => ({ alias })) } };
    const since = query.get('changes-since') ?? query.get('updated_at')?.replace('gte:', '');
    const rows = [...(this.lagging ?? this.things).values()]
      .filter((thing) => thing['collection'] === collection)
      .filter((thing) => isAdmin || ownerOf(thing) === caller.projectId)
      .filter((thing) => String(thing['os_hidden'] ?? false) === (query.get('os_hidden') ?? 'false'))
      .filter((thing) => (since ? String(thing['updated_at']) >= since : thing['status'] !== 'DELETED'))
      .sort((a, b) => (`${String(a['created_at'])}${a.id}` < `${String(b['created_at'])}${b.id}` ? 1 : -1));
    const marker = query.get('marker');
    if (marker !== null && !rows.some((row) => row.id === marker)) {
      return { status: 400, body: { badRequest: { code: 400, message: `marker [${marker}] not found` } } };
    }
    const from = this.repeatsPages ? 0 : rows.findIndex((row) => row.id === marker) + 1;
    const page = rows.slice(from, from + Math.min(this.pageSize, Number(query.get('limit') ?? this.pageSize)));
    const more = this.repeatsPages || from + page.length < rows.length;
    const next = `${this.server.url}${path}?marker=${page.at(-1)?.id}`;
    const link = collection === 'images' ? { next } : { [`${collection}_links`]: [{ rel: 'next', href: next }] };
    const headers = { date: this.now().toUTCString() };
    return { status: 200, headers, body: { [collection.replace(/-/g, '_')]: page.map(shown), ...(more ? link : {}) } };
  }
}

const keyOf = (collection: string): string => collection.slice(0, -1);
const ownerOf = (thing: Json | undefined): unknown => thing?.['tenant_id'] ?? thing?.['owner'];
const versions = (version: string, min_version: string): Reply => ({
  status: 200,
  body: { versions: [{ version, min_version }] },
});
const shown = ({ collection: _, created_at, updated_at, ...thing }: Json): Json =>
  'created' in thing ? thing : { ...thing, created_at, updated_at };
const wrapped = (thing: Json): Json =>
  thing['collection'] === 'images' ? shown(thing) : { [keyOf(String(thing['collection']))]: shown(thing) };

function defaultsOf(collection: string, now: string): Json {
  if (collection === 'images') return { status: 'active', visibility: 'private', name: 'image' };
  if (collection !== 'servers') return { status: 'ACTIVE' };
  const attributes = {
    'OS-EXT-AZ:availability_zone': 'nova',
    'OS-EXT-SRV-ATTR:host': 'rack7-node3',
    'OS-EXT-STS:power_state': 1,
  };
  return {
    status: 'ACTIVE',
    created: now,
    updated: now,
    image: '',
    flavor: { original_name: 'm1' },
    addresses: {},
    metadata: {},
    ...attributes,
  };
}
