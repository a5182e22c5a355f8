/** For tests: a site that knows Cinder's volume types and nothing else, behind a gateway as every site's. */
import { randomUUID } from 'node:crypto';
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Database } from '../../database/database.js';
import type { Body } from '../../resources/kind.js';
import { AliasTable } from '../../sites/alias-table.js';
import { SiteGateway } from '../../sites/gateway.js';
import { knownIds, SiteAliases } from '../../sites/site-aliases.js';
import { SiteUnreachable, type Site, type SiteRequest } from '../../sites/site.js';
import type { SiteConnection } from '../../sites/transport.js';

export interface FakeType {
  id: string;
  name: string;
  description: string | null;
  is_public: boolean;
  extra_specs: Record<string, string>;
  qos_specs_id: string | null;
}

/** Cinder's volume types. */
export class FakeCinder implements Site {
  readonly types = new Map<string, FakeType>();
  readonly state = 'enabled';
  readonly capabilities;
  /** Every write, as `METHOD path`. */
  readonly writes: string[] = [];
  silent = false;
  refuses: RegExp | undefined;
  private readonly gateway: SiteGateway;

  constructor(
    database: Database,
    readonly id: number,
    readonly name: string,
  ) {
    this.capabilities = { endpoints: { volume: [`http://${name}`] }, microversions: {}, networkExtensions: [] };
    const connection = { send: (asked) => this.heard(asked) } as Partial<SiteConnection> as SiteConnection;
    this.gateway = new SiteGateway(
      this,
      connection,
      { readMs: 1_000, writeMs: 1_000 },
      { concurrency: 4, perSecond: 0 },
      new SiteAliases(new AliasTable(database), id, knownIds()),
    );
  }

  health = () => ({ reachable: !this.silent, since: new Date() });

  add(name: string, extra_specs: Record<string, string> = {}): FakeType {
    const type = { id: randomUUID(), name, description: null, is_public: true, extra_specs, qos_specs_id: null };
    this.types.set(type.id, type);
    return type;
  }

  named = (name: string): FakeType | undefined => [...this.types.values()].find((type) => type.name === name);

  request(asked: SiteRequest): Promise<OpenStackResponse> {
    if (this.silent) return Promise.reject(new SiteUnreachable(this.name, true, 'silent', true));
    return this.gateway.request(asked);
  }

  /** Below the gateway. */
  private heard(asked: SiteRequest): Promise<OpenStackResponse> {
    const call = `${asked.method} ${asked.path}`;
    if (this.refuses?.test(call))
      return Promise.resolve(json(400, { badRequest: { code: 400, message: 'no, thanks' } }));
    if (asked.method !== 'GET') this.writes.push(call);
    const body = asked.body ? (JSON.parse((asked.body as Buffer).toString()) as Record<string, Body>) : {};
    return Promise.resolve(this.answer(asked.method, asked.path, body));
  }

  private answer(method: string, path: string, body: Record<string, Body>): OpenStackResponse {
    const [, collection = '', id = '', below, key] = path.split('?')[0]!.split('/');
    if (collection !== 'types') return json(200, {});
    if (id === '' && method === 'GET') return json(200, { volume_types: [...this.types.values()] });
    if (id === '') {
      const { name, extra_specs: specs } = body['volume_type'] as unknown as FakeType;
      if (this.named(name)) return json(409, { conflictingRequest: { code: 409, message: `${name} exists` } });
      return json(200, { volume_type: this.add(name, { ...specs }) });
    }
    const type = this.types.get(id);
    if (!type) return json(404, { itemNotFound: { code: 404, message: `Volume type ${id} could not be found.` } });
    if (below === 'extra_specs' && method === 'POST') Object.assign(type.extra_specs, body['extra_specs']);
    else if (below === 'extra_specs' && method === 'DELETE') delete type.extra_specs[key ?? ''];
    else if (below !== undefined) return json(200, {});
    else if (method === 'PUT') Object.assign(type, body['volume_type']);
    else if (method === 'DELETE') this.types.delete(id);
    return method === 'DELETE' ? noContent(202) : json(200, { volume_type: type });
  }
}
