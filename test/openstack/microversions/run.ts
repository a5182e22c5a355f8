/**
 * The tables of microversions, held against real services: a site that has a microversion, one that is older, and the cascade
 * for a server and a volume in each of both.
 *
 *   npx tsx test/openstack/microversions/run.ts http://127.0.0.1:8700     a cascade over a lab of two releases
 */
import { randomBytes } from 'node:crypto';
import type { Step } from '@cascade/openstack-protocol/microversion-steps.js';
import { atLeast, parseMicroversion } from '@cascade/openstack-protocol/microversion.js';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import { differences, shapeOf, type Shape } from '../../calibration/shape.js';
import { assert, check, conclude, eventually } from '../checks.js';
import { CloudClient, closeClients, type Reply } from '../cloud-client.js';
import { rootsOfCascade, siteNames, sites, type Roots } from '../lab.js';
import { probes, type Probe, type Things } from './probes.js';

type Service = Probe['service'];
type Cloud = CloudClient<keyof Roots>;
interface VersionDocument {
  version: { version: string };
}

/** What things are made and looked at with. */
const usual: Record<Service, string> = { compute: '2.79', volume: '3.60' };

const base = process.argv[2] ?? 'http://127.0.0.1:8700';
const tag = `microversions-${randomBytes(3).toString('hex')}`;

const cascade: Cloud = new CloudClient(`${base}/identity/v3`, rootsOfCascade(base));

const ask = (cloud: Cloud, service: Service, version: string, method: string, path: string, body?: unknown) =>
  cloud.call<Record<string, unknown>>(method, cloud.roots[service] + path, body, `${service} ${version}`);

async function newestOf(cloud: Cloud, service: Service): Promise<string> {
  const { body } = await cloud.call<VersionDocument>('GET', `${cloud.roots[service]}/`, undefined, '');
  // Cinder lists its versions even where one is asked for.
  const listed = body as unknown as { versions?: { version: string }[] };
  return body.version?.version ?? listed.versions?.find(({ version }) => version)?.version ?? '';
}

async function make(cloud: Cloud, service: Service, path: string, key: string, wanted: object): Promise<string> {
  const { status, body } = await ask(cloud, service, usual[service], 'POST', path, { [key]: wanted });
  assert(status < 300, `${key} ${JSON.stringify(wanted)}: ${status} ${JSON.stringify(body)}`);
  return (body[key] as { id: string }).id;
}

async function becomes(status: string, service: Service, key: 'server' | 'volume', id: string): Promise<void> {
  await eventually(`${key} ${id} is ${status}`, 120, async () => {
    const { body } = await ask(cascade, service, usual[service], 'GET', `/${key}s/${id}`);
    return (body[key] as { status: string }).status === status;
  });
}

/** A server and a volume in a zone, made through the cascade. */
async function populate(zone: string, flavor: string): Promise<Things> {
  const site = sites[siteNames.indexOf(zone)]!;
  const record = { name: tag, disk_format: 'raw', container_format: 'bare' };
  const { body: image } = await site.call<{ id: string }>('POST', `${site.roots.image}/images`, record);
  await site.call('PUT', `${site.roots.image}/images/${image.id}/file`, Buffer.alloc(4096));
  made.push(['compute', '', () => site.call('DELETE', `${site.roots.image}/images/${image.id}`, undefined, '')]);
  const wanted = { name: tag, flavorRef: flavor, imageRef: image.id, networks: 'none', availability_zone: zone };
  const server = await make(cascade, 'compute', '/servers', 'server', wanted);
  made.push(['compute', `/servers/${server}`]);
  const volume = await make(cascade, 'volume', '/volumes', 'volume', { name: tag, size: 1, availability_zone: zone });
  made.push(['volume', `/volumes/${volume}`]);
  await becomes('ACTIVE', 'compute', 'server', server);
  await becomes('available', 'volume', 'volume', volume);
  return { server, volume, flavor, flavorName: tag, zone };
}

/** What is to be deleted, the last made first. */
const made: [Service, string, (() => Promise<unknown>)?][] = [];

interface Answer {
  readonly status: number;
  readonly shape: Shape;
  readonly text: string;
  /** Rows of the one list that it is. */
  readonly rows: number;
}

async function probe(cloud: Cloud, one: Probe, things: Things, version: string): Promise<Answer> {
  const { service, method, path, body, undo } = one;
  const reply = await ask(cloud, service, version, method, path(things), body?.(things));
  if (undo && reply.status < 300) {
    const listed = async (): Promise<unknown[]> =>
      Object.values((await ask(cloud, service, version, 'GET', undo.untilEmpty(things))).body).flat();
    // It is taken before it is done.
    await eventually('done', 60, async () => (await listed()).length > 0);
    await eventually('undone', 60, async () => {
      await ask(cloud, service, version, 'DELETE', undo.path(things));
      return (await listed()).length === 0;
    });
    await becomes('available', 'volume', 'volume', things.volume);
  }
  return answerOf(reply);
}

function answerOf({ status, body }: Reply<unknown>): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  // An error of Nova's is under a key of its status: badRequest, conflictingRequest.
  const lists = typeof body === 'object' ? Object.values(body as object).filter(Array.isArray) : [];
  return { status, shape: status < 400 ? shapeOf(body) : 'refusal', text, rows: lists[0]?.length ?? 0 };
}

/** How the second differs from the first, as sentences. */
function unlike(first: Answer, second: Answer): string[] {
  if (first.status !== second.status) return [`${second.status}, not ${first.status}: ${second.text.slice(0, 300)}`];
  return differences(first.shape, second.shape);
}

const stepOf = ({ service, since, change }: Probe): Step => {
  const step = serviceOf(service).steps?.find((one) => one.since === since && one.change === change);
  assert(step, `there is no row ${since} ${change}`);
  return step;
};

const before = (version: string): string => version.replace(/\d+$/, (minor) => String(Number(minor) - 1));

/** @param older and newer: the zones of the lab, by their release */
async function hold(one: Probe, [older, newer]: readonly [Things, Things]): Promise<void> {
  const { service, since } = one;
  const site = (things: Things): Cloud => sites[siteNames.indexOf(things.zone)]!;
  const atNewer = { ...newer, zone: 'nova' };
  const real = await probe(site(newer), one, atNewer, since);
  assert(real.status !== 406, `${newer.zone} has no ${since}`);
  const tooOld = await ask(site(older), service, since, 'GET', `/${service === 'compute' ? 'servers' : 'volumes'}`);
  assert(tooOld.status === 406, `${older.zone} has ${since}: ${tooOld.status}`);
  if (one.method === 'GET') {
    const earlier = await probe(site(newer), one, atNewer, before(since));
    const changed = unlike(earlier, real).length > 0 || earlier.rows !== real.rows;
    assert(changed, `${newer.zone} answers at ${before(since)} as at ${since}`);
  }
  const inNewer = unlike(real, await probe(cascade, one, newer, since));
  assert(inNewer.length === 0, `through the cascade in ${newer.zone}: ${inNewer.join('; ')}`);
  const inOlder = await probe(cascade, one, older, since);
  const { decision } = stepOf(one);
  if (decision === 'lifted') {
    const differs = unlike(real, inOlder);
    assert(differs.length === 0, `through the cascade in ${older.zone}: ${differs.join('; ')}`);
  } else if (decision === 'refused') {
    assert([400, 404].includes(inOlder.status), `${older.zone} refuses with ${inOlder.status}: ${inOlder.text}`);
    const isNamed = inOlder.text.includes(older.zone) || inOlder.text.includes('Unavailable console type');
    assert(isNamed, `${older.zone} is not named: ${inOlder.text}`);
  } else assert(inOlder.status < 500, `${inOlder.status} ${inOlder.text}`);
}

async function main(): Promise<void> {
  const newest = await Promise.all(sites.map((site) => newestOf(site, 'compute')));
  const [first, second] = newest.map(parseMicroversion);
  const isTurned = atLeast(first!, newest[1]!);
  assert(!(isTurned && atLeast(second!, newest[0]!)), `both sites have Nova ${newest[0]}: the lab is of one release`);
  const flavor = await make(cascade, 'compute', '/flavors', 'flavor', { name: tag, ram: 64, vcpus: 1, disk: 1 });
  made.push(['compute', `/flavors/${flavor}`]);
  const things = await Promise.all(siteNames.map((zone) => populate(zone, flavor)));
  const [older, newer] = isTurned ? things.reverse() : things;
  for (const one of probes)
    await check(`${one.service} ${one.since}: ${one.change}`, () => hold(one, [older!, newer!]));
}

await conclude('microversions', main, async () => {
  for (const [service, path, remove] of made.reverse())
    await (remove ?? (() => ask(cascade, service, usual[service], 'DELETE', path)))().catch(() => undefined);
  await closeClients();
});
