/** A cloud to converse with, from its Keystone. */
import { endpointUrls, serviceRoot, type CatalogEntry } from '@cascade/openstack-protocol/client/catalog.js';
import { HttpClient } from '@cascade/openstack-protocol/client/http.js';
import { KeystoneSession } from '@cascade/openstack-protocol/client/keystone-session.js';
import type { Cloud, Service } from './conversation.js';

export interface Login {
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly projectName: string;
  readonly region: string;
}

const services: readonly Service[] = ['identity', 'compute', 'volume', 'network', 'image', 'placement'];

export async function logIn({ authUrl, region, ...account }: Login, timeoutMs: number): Promise<Cloud> {
  const http = new HttpClient({ connections: 1, verifyTls: true });
  try {
    const credential = { kind: 'password', ...account, userDomain: 'default', projectDomain: 'default' } as const;
    const session = await new KeystoneSession(http, authUrl, credential, 60_000).get();
    const root = (service: Service): string => rootOf(session.catalog, service, region);
    return {
      token: session.token,
      roots: Object.fromEntries(services.map((service) => [service, root(service)])) as Cloud['roots'],
      known: { project: session.projectId ?? '', user: session.userId },
      timeoutMs,
    };
  } finally {
    await http.close();
  }
}

const rootOf = (catalog: readonly CatalogEntry[], service: Service, region: string): string =>
  serviceRoot(endpointUrls(catalog, service, region, 'internal')[0] ?? '');

/** As the usual OS_* variables say. @throws Error for one that is not set */
export function logInFromEnvironment(timeoutMs = 3_000): Promise<Cloud> {
  const need = (name: string): string => {
    const value = process.env[name];
    if (!value) throw new Error(`${name} is not set`);
    return value;
  };
  const account = {
    authUrl: need('OS_AUTH_URL'),
    username: need('OS_USERNAME'),
    password: need('OS_PASSWORD'),
    projectName: need('OS_PROJECT_NAME'),
    region: need('OS_REGION_NAME'),
  };
  return logIn(account, timeoutMs);
}
