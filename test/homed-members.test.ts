/** A security group with a thousand members over ten simulated clouds. */
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noDurations } from '@cascade/simulated-openstack/durations.js';
import { openSimulatedClouds } from '@cascade/simulated-openstack/open-clouds.js';
import { send } from './cascade.js';
import { startSimulatedCascade, type SimulatedCascade, type Tenant } from './simulated-cascade.js';
import { newProject } from './two-zones.js';

const perZone = 100;
const soon = { timeout: 240_000, interval: 500 };
const others = Array.from({ length: 8 }, (_, at) => `zone-${at}`);

let cloud: SimulatedCascade;
let more: Awaited<ReturnType<typeof openSimulatedClouds>>;
let urls: Record<string, string>;
let ann: Tenant;
beforeAll(async () => {
  cloud = await startSimulatedCascade();
  more = await openSimulatedClouds({
    names: others,
    release: 'zed',
    profile: { latencies: {}, durations: noDurations },
    keystone: { shared: `${cloud.east.url}/identity` },
    log: pino({ level: 'silent' }),
  });
  urls = { east: cloud.east.url, west: cloud.west.url };
  const auth = { username: 'admin', password: 'correct horse' };
  for (const [at, { url }] of more.clouds.entries()) {
    const name = others[at]!;
    urls[name] = url;
    const site = { name, auth_url: `${url}/identity`, region: name, auth };
    expect((await cloud.admin('POST /cascade/v1/sites', site)).status).toBe(201);
  }
  ann = await newProject(cloud);
}, 120_000);
afterAll(async () => {
  await cloud.close();
  await more.close();
});

/** The tenant at a site itself. */
const at = (zone: string, method: string, path: string, body?: unknown) =>
  send(method, `${urls[zone]!}/network/v2.0${path}`, { token: ann.token, body });

test('each is admitted in all zones, and one that goes is so in none', async () => {
  const { body } = await ann('POST /network/v2.0/security-groups', { security_group: { name: 'web' } });
  const web = body.security_group.id as string;
  const security_group_rule = { security_group_id: web, direction: 'ingress', remote_group_id: web };
  expect((await ann('POST /network/v2.0/security-group-rules', { security_group_rule })).status).toBe(201);
  const zones = Object.keys(urls);
  const members = new Map<string, string[]>();
  const ports: string[] = [];
  for (const [index, zone] of zones.entries()) {
    const hints = { availability_zone_hints: [zone] };
    const { body: net } = await ann('POST /network/v2.0/networks', { network: { name: zone, ...hints } });
    const network_id = net.network.id as string;
    const subnet = { network_id, ip_version: 4, cidr: `10.${index}.0.0/23` };
    const { body: sub } = await ann('POST /network/v2.0/subnets', { subnet });
    // No two are halves of one prefix.
    const addresses = Array.from({ length: perZone }, (_, one) => `10.${index}.${one >> 6}.${2 + (one & 63) * 3}`);
    const fixed = (ip_address: string) => ({ fixed_ips: [{ subnet_id: sub.subnet.id, ip_address }] });
    const first = { network_id, security_groups: [web], ...fixed(addresses[0]!) };
    const made = await ann('POST /network/v2.0/ports', { port: first });
    expect(made.status).toBe(201);
    ports.push(made.body.port.id as string);
    const own = (await at(zone, 'GET', `/ports/${made.body.port.id}`)).body.port.security_groups as string[];
    const rest = addresses.slice(1).map((one) => ({ network_id, security_groups: own, ...fixed(one) }));
    expect((await at(zone, 'POST', '/ports', { ports: rest })).status).toBe(201);
    members.set(zone, addresses);
  }
  const { world } = cloud.cascade;
  for (const site of world.sites.all()) await world.reader.readAll(world.kinds.get('port')!, site);

  const admitted = async (zone: string) => {
    const { body: groups } = await at(zone, 'GET', '/security-groups?name=web');
    const rules = groups.security_groups[0].security_group_rules as { remote_ip_prefix: string | null }[];
    return rules.flatMap(({ remote_ip_prefix: prefix }) => prefix ?? []).sort();
  };
  const elsewhere = (zone: string) =>
    zones
      .filter((one) => one !== zone)
      .flatMap((one) => members.get(one)!.map((address) => `${address}/32`))
      .sort();
  for (const zone of zones) await expect.poll(() => admitted(zone), soon).toEqual(elsewhere(zone));
  expect(elsewhere('east')).toHaveLength(9 * perZone);

  expect((await ann(`DELETE /network/v2.0/ports/${ports[3]!}`)).status).toBe(204);
  members.set(zones[3]!, members.get(zones[3]!)!.slice(1));
  for (const zone of zones) await expect.poll(() => admitted(zone), soon).toEqual(elsewhere(zone));
  const { body: shown } = await ann(`GET /network/v2.0/security-groups/${web}`);
  expect(shown.security_group.security_group_rules).toHaveLength(3);
}, 600_000);
