/** For tests: three sites, each of which answers what the test says. */
import { json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Database } from '../database/database.js';
import { testDatabase } from '../database/testing.js';
import type { Body } from '../resources/kind.js';
import { SiteRegistry } from '../sites/registry.js';
import { secretsWith } from '../sites/secrets.js';
import { NoAnswer } from '@cascade/openstack-protocol/client/http.js';

export interface TestSite {
  readonly id: number;
  readonly networks: Body[];
  readonly agents: Body[];
  readonly ranges: Body[];
  extensions: string[];
  isSilent: boolean;
}

export interface TestSites {
  readonly database: Database;
  readonly sites: SiteRegistry;
  readonly east: TestSite;
  readonly west: TestSite;
  readonly north: TestSite;
  /** Writes what a site is known to have. */
  store(siteId: number, network: Body): Promise<void>;
  close(): Promise<void>;
}

const names = ['east', 'west', 'north'] as const;

export async function threeSites(): Promise<TestSites> {
  const { database, close } = await testDatabase({ poolSize: 12 });
  const secrets = secretsWith(Buffer.alloc(32));
  const known = new Map<string, TestSite>();
  for (const name of names) {
    const capabilities = { endpoints: { network: [`http://${name}`] }, microversions: {}, networkExtensions: [] };
    const { id } = await database.one<{ id: number }>(
      `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
       values ($1, 'enabled', $2, 'r', 'public', true, $3, $4) returning id`,
      [name, `http://${name}`, secrets.seal('{}', name), capabilities],
    );
    const extensions = capabilities.networkExtensions;
    known.set(`http://${name}`, { id, networks: [], agents: [], ranges: [], extensions, isSilent: false });
  }
  const sites = new SiteRegistry(
    database,
    secrets,
    { deadlines: { readMs: 30_000, writeMs: 30_000 }, limits: { concurrency: 10, perSecond: 0 } },
    {
      discover: () => Promise.reject(new Error('they are sites already')),
      connect: ({ authUrl }) => {
        const site = known.get(authUrl)!;
        return {
          send: async ({ path, query }) => answer(site, path, new URLSearchParams(query)),
          probe: async () => undefined,
          rediscover: async (_at, capabilities) => capabilities,
          close: async () => undefined,
        };
      },
    },
  );
  await sites.load();
  const [east, west, north] = names.map((name) => known.get(`http://${name}`)!) as [TestSite, TestSite, TestSite];
  return {
    database,
    sites,
    east,
    west,
    north,
    store: async (siteId, network) => {
      await database.run(
        `insert into resource (kind, id, site_id, created_at, updated_at, body, facts)
         values ('network', $1, $2, now(), now(), $3::text, $3::jsonb)`,
        [network['id'], siteId, JSON.stringify(network)],
      );
    },
    close: async () => {
      await sites.close();
      await close();
    },
  };
}

function answer(site: TestSite, path: string, query: URLSearchParams): OpenStackResponse {
  if (site.isSilent) throw new NoAnswer('ECONNREFUSED', true);
  if (path === '/agents') return json(200, { agents: site.agents });
  if (path === '/network_segment_ranges') return json(200, { network_segment_ranges: site.ranges });
  const isAsked = (network: Body) => [...query].every(([name, value]) => String(network[name]) === value);
  return json(200, { networks: site.networks.filter(isAsked) });
}

/** What a site's administrator sees of a network. */
export const network = (id: string, type: string, number: number, physicalNetwork: string | null = null): Body => ({
  id,
  'provider:network_type': type,
  'provider:physical_network': physicalNetwork,
  'provider:segmentation_id': number,
});
