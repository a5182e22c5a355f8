/**
 * How many servers a second a cascade accepts over its sites, for ten minutes, and whether each of them came to be once.
 *
 *   cascade simulate --sites 100 …, a cascade with these sites, OS_* of its administrator (SITE_* of the sites', where
 *   they differ), then
 *   npx tsx bench/boots.ts [--minutes 10] [--lanes 64] [--settle 120] [--cascade-pid PID,PID] [--sites-file FILE]
 *
 * `--lanes` clients ask for one server each, one after the other, in the zones in turn: each server names its zone, an
 * image of that site, no network, and a name of its own. Afterwards every site is asked which of these servers it has: a server that
 * was accepted and is nowhere is lost; a name that two servers bear was made twice.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { serverPages, sitesOf, theCascade, type Cloud } from './cloud.js';
import { cpuSeconds } from './measure/processes.js';
import { figure, head, quantile, row } from './measure/samples.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    lanes: { type: 'string', default: '64' },
    settle: { type: 'string', default: '120' },
    'cascade-pid': { type: 'string', default: '' },
    'sites-file': { type: 'string' },
  },
});
const lanes = Number(values.lanes);
const pids = values['cascade-pid'].split(',').filter(Boolean).map(Number);
const run = `boot-${Date.now().toString(36)}`;

interface Asked {
  /** Milliseconds until each answer that was a 202. */
  readonly acceptedMs: number[];
  readonly accepted: Map<string, string>;
  /** Names whose request ended otherwise, and how. */
  readonly others: Map<string, string>;
}

interface Place {
  readonly availability_zone: string;
  readonly imageRef: string;
}

/** Each site as a zone, with the first of its images. */
async function placesOf(sites: readonly Cloud[]): Promise<Place[]> {
  const places: Place[] = [];
  for (const site of sites) {
    const { name } = site.address;
    const { body } = await site.ask<{ images?: { id: string }[] }>('GET', 'image', '/images?limit=1');
    const id = body?.images?.[0]?.id;
    if (id) places.push({ availability_zone: name, imageRef: id });
    else process.stderr.write(`${name} has no image: it is left out\n`);
  }
  if (places.length === 0) throw new Error('no site has an image');
  return places;
}

async function smallestFlavor(cascade: Cloud): Promise<string> {
  const { body } = await cascade.ask<{ flavors?: { id: string }[] }>(
    'GET',
    'compute',
    '/flavors?limit=1&sort_key=memory_mb',
  );
  const id = body?.flavors?.[0]?.id;
  if (!id) throw new Error('the cascade has no flavor');
  return id;
}

async function askForMany(cascade: Cloud, places: readonly Place[], flavorRef: string): Promise<Asked> {
  const asked: Asked = { acceptedMs: [], accepted: new Map(), others: new Map() };
  const end = performance.now() + Number(values.minutes) * 60_000;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      const n = next++;
      const name = `${run}-${n}`;
      const server = { name, flavorRef, networks: 'none', ...places[n % places.length] };
      const start = performance.now();
      try {
        const { status, body } = await cascade.ask<{ server?: { id: string } }>('POST', 'compute', '/servers', {
          body: { server },
          microversion: '2.37',
        });
        if (status === 202 && body.server) {
          asked.accepted.set(body.server.id, name);
          asked.acceptedMs.push(performance.now() - start);
        } else {
          asked.others.set(name, `${status} ${JSON.stringify(body).slice(0, 200)}`);
        }
      } catch (error) {
        asked.others.set(name, (error as Error).message);
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return asked;
}

/** All servers of this run that a cloud shows: ids to names. */
async function made(cloud: Cloud): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const page of serverPages(cloud, `/servers?name=%5E${run}-`)) {
    for (const { id, name } of page) found.set(id, name);
  }
  return found;
}

async function madeAnywhere(sites: readonly Cloud[]): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  for (const site of sites) for (const [id, name] of await made(site)) all.set(id, name);
  return all;
}

const missing = (from: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): number =>
  [...wanted.keys()].filter((id) => !from.has(id)).length;

/** Waits until the cascade shows what the sites have, or for as long as was allowed. @returns what it shows */
async function settled(cascade: Cloud, truth: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const end = performance.now() + Number(values.settle) * 1000;
  for (;;) {
    const shown = await made(cascade);
    if ((missing(shown, truth) === 0 && missing(truth, shown) === 0) || performance.now() > end) return shown;
    await delay(2_000);
  }
}

const cascade = theCascade(lanes);
const sites = await sitesOf(cascade, values['sites-file']);
const places = await placesOf(sites);
const flavor = await smallestFlavor(cascade);
process.stderr.write(`${run}: ${places.length} sites, ${lanes} lanes, ${values.minutes} minutes\n`);

const cpu = cpuSeconds(pids);
const start = performance.now();
const { acceptedMs, accepted, others } = await askForMany(cascade, places, flavor);
const seconds = (performance.now() - start) / 1000;
const cpuUsed = cpuSeconds(pids) - cpu;

const truth = await madeAnywhere(sites);
const shown = await settled(cascade, truth);
const names = new Set(truth.values());
const lost = missing(truth, accepted);
const twice = truth.size - names.size;
const unannounced = [...others.keys()].filter((name) => names.has(name)).length;

process.stdout.write(head('boots', 'value'));
process.stdout.write(row('accepted', accepted.size));
process.stdout.write(row('accepted a second', figure(accepted.size / seconds)));
for (const share of [0.5, 0.95, 0.99]) {
  process.stdout.write(row(`p${share * 100} ms until accepted`, figure(quantile(acceptedMs, share))));
}
if (pids.length > 0) process.stdout.write(row('CPU ms an accepted server', figure((cpuUsed / accepted.size) * 1000)));
process.stdout.write(row('lost (accepted, at no site)', lost));
process.stdout.write(row('made twice', twice));
process.stdout.write(row('refused or not answered', others.size));
process.stdout.write(row('of these made all the same', unannounced));
process.stdout.write(row('at a site, not in the inventory', missing(shown, truth)));
process.stdout.write(row('in the inventory, at no site', missing(truth, shown)));
const reasons = new Map<string, number>();
for (const reason of others.values()) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
for (const [reason, count] of [...reasons].slice(0, 10)) process.stderr.write(`${count} × ${reason}\n`);
if (lost + twice > 0) process.exitCode = 1;
await Promise.all([cascade, ...sites].map((cloud) => cloud.close()));
