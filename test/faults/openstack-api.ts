/** As much of an OpenStack client as histories need; the same for the cascade and, behind its back, for a site. */
import { Agent, request } from 'undici';
import { kinds, type KindName, type Place } from './kinds.js';

export interface Told {
  /** Undefined where no answer came. */
  readonly status: number | undefined;
  /** Parsed where it is JSON. */
  readonly body: Record<string, unknown> | undefined;
}

/** One resource as an administrator's list shows it. */
export interface Listed {
  readonly id: string;
  readonly name: string;
  readonly status: string;
}

export interface Login {
  readonly token: string;
  readonly projectId: string;
}

type Service = 'compute' | 'volume' | 'network';

const timeoutMs = 20_000;

export class OpenStackApi {
  private readonly agent = new Agent({ connections: 64, keepAliveTimeout: 1_000 });

  /**
   * @param origin where `/compute`, `/volume`, `/network` are
   * @param login asked for anew with each call, since tokens end
   */
  constructor(
    private readonly origin: () => string,
    private readonly login: () => Promise<Login>,
  ) {}

  /** Anything below a service's root. */
  ask(service: Service, method: string, path: string, body?: unknown): Promise<Told> {
    return this.call(method, service, path, body);
  }

  create(kind: KindName, name: string, place: Place): Promise<Told> {
    const { key, collection, body } = kinds[kind];
    return this.call('POST', kinds[kind].service, collection, { [key]: body(name, place) });
  }

  rename(kind: KindName, id: string, name: string): Promise<Told> {
    const { key, collection } = kinds[kind];
    return this.call('PUT', kinds[kind].service, `${collection}/${id}`, { [key]: { name } });
  }

  delete(kind: KindName, id: string): Promise<Told> {
    return this.call('DELETE', kinds[kind].service, `${kinds[kind].collection}/${id}`);
  }

  act(serverId: string, action: string): Promise<Told> {
    return this.call('POST', 'compute', `/servers/${serverId}/action`, { [action]: null });
  }

  show(kind: KindName, id: string): Promise<Told> {
    return this.call('GET', kinds[kind].service, `${kinds[kind].collection}/${id}`);
  }

  /** Everybody's, page by page, as an administrator. @throws Error where a page is no list */
  async list(kind: KindName): Promise<Listed[]> {
    const { service, details, collection } = kinds[kind];
    const key = collection.slice(1);
    const everybodys = kind === 'network' ? '' : '&all_tenants=1';
    const found: Listed[] = [];
    for (let marker = ''; ;) {
      const { status, body } = await this.call('GET', service, `${details}?limit=500${everybodys}${marker}`);
      const rows = body?.[key] as Listed[] | undefined;
      if (status !== 200 || !rows) throw new Error(`list of ${key}: ${status} ${JSON.stringify(body)}`);
      found.push(...rows.map(({ id, name, status }) => ({ id, name, status })));
      // Neutron links the page before, too; what is asked for after a row that has just gone is a 404.
      const links = (body?.[`${key}_links`] ?? []) as { rel: string }[];
      if (!links.some(({ rel }) => rel === 'next')) return found;
      marker = `&marker=${rows.at(-1)!.id}`;
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  private async call(method: string, service: Service, path: string, body?: unknown): Promise<Told> {
    try {
      const { token, projectId } = await this.login();
      const root = { compute: '/compute/v2.1', volume: `/volume/v3/${projectId}`, network: '/network/v2.0' }[service];
      const answer = await request(`${this.origin()}${root}${path}`, {
        dispatcher: this.agent,
        method: method as 'GET',
        headers: {
          'x-auth-token': token,
          'content-type': 'application/json',
          'openstack-api-version': service === 'volume' ? 'volume 3.50' : 'compute 2.60',
        },
        body: body === undefined ? null : JSON.stringify(body),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, body: parsed(text) };
    } catch {
      return { status: undefined, body: undefined };
    }
  }
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
