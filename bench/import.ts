/**
 * How long a cascade takes to know its sites: a first import, or a rebuild, until every site's feeds have been read once
 * and the inventory holds what the sites hold.
 *
 *   cascade simulate --sites 100 --servers 10000 --keystone http://127.0.0.1:8700/identity --out FILE …, an empty cascade
 *   with CASCADE_SITE_RATE=5, OS_* of its administrator (SITE_* of the sites', where they differ), then
 *   npx tsx bench/import.ts --add FILE [--expect 1000000] [--cascade-pid PID,PID] [--check]
 *
 * or, for a rebuild, in the moment when it begins, with `--sites 100` in place of `--add`: so many sites are waited for.
 * `--expect` is the number of servers; `--check` also asks each site for its servers and compares ids, which costs the
 * sites some more requests. The clock starts before the first site is added.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { credentialOf, serverPages, simulatedSites, sitesOf, theCascade, type Cloud } from './cloud.js';
import { cpuSeconds, memoryUse } from './measure/processes.js';
import { figure, head, row } from './measure/samples.js';

const { values } = parseArgs({
  options: {
    add: { type: 'string' },
    expect: { type: 'string' },
    sites: { type: 'string', default: '1' },
    'cascade-pid': { type: 'string', default: '' },
    check: { type: 'boolean', default: false },
  },
});
const pids = values['cascade-pid'].split(',').filter(Boolean).map(Number);

interface FeedView {
  readonly site: string;
  readonly kind: string;
  readonly cursor: string | null;
  readonly last_error: string | null;
}

/** For so long the cascade may not answer, since it is only starting. */
const timeoutMs = 120_000;

/** One look at how far it is, or undefined where it does not answer. */
async function look(cascade: Cloud): Promise<{ sites: number; servers: FeedView[]; all: FeedView[] } | undefined> {
  try {
    const { feeds } = await cascade.operate<{ feeds: FeedView[] }>('/feeds');
    const { sites } = await cascade.operate<{ sites: unknown[] }>('/sites');
    return { sites: sites.length, servers: feeds.filter(({ kind }) => kind === 'server'), all: feeds };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return undefined;
  }
}

const isRead = ({ cursor }: FeedView): boolean => cursor !== null;
/** A site may lack a service for good: its feed is not waited for, but named. */
const isFailing = (feed: FeedView): boolean => !isRead(feed) && feed.last_error !== null;

/** Feeds appear one after the other: they are all there when their number has not grown for so long. */
const stableMs = 10_000;

/** Waits until each feed has a cursor: it has one once its first read is complete. @returns seconds for servers, for all */
async function untilRead(
  cascade: Cloud,
  start: number,
  siteCount: number,
): Promise<{ servers: number; all: number; failing: FeedView[] }> {
  let servers: number | undefined;
  let complete: { feeds: number; seconds: number } | undefined;
  let heardAt = start;
  for (;;) {
    const seen = await look(cascade);
    const seconds = (performance.now() - start) / 1000;
    if (seen) heardAt = performance.now();
    else if (performance.now() - heardAt > timeoutMs) throw new Error('the cascade does not answer');
    if (seen && seen.sites >= siteCount && seen.servers.length >= seen.sites) {
      if (seen.servers.every(isRead)) servers ??= seconds;
      const failing = seen.all.filter(isFailing);
      if (!seen.all.every((feed) => isRead(feed) || isFailing(feed))) complete = undefined;
      else if (complete?.feeds !== seen.all.length) complete = { feeds: seen.all.length, seconds };
      else if (servers !== undefined && seconds - complete.seconds > stableMs / 1000)
        return { servers, all: complete.seconds, failing };
    }
    const read = seen?.servers.filter(isRead).length ?? 0;
    process.stderr.write(`${seconds.toFixed(0)} s: servers of ${read} of ${seen?.sites ?? '?'} sites\n`);
    await delay(2_000);
  }
}

async function idsOf(cloud: Cloud): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const page of serverPages(cloud, '/servers')) for (const { id } of page) ids.add(id);
  return ids;
}

/** Makes each simulated cloud a site. @returns how many there are */
async function addSites(cascade: Cloud, file: string): Promise<number> {
  const sites = simulatedSites(file);
  const eightAtOnce = pLimit(8);
  const add = (site: (typeof sites)[number]): Promise<unknown> => {
    const { username, password, projectName: project_name } = credentialOf(site);
    const { name, auth_url, region } = site;
    const wanted = { name, auth_url, region, auth: { username, password, project_name } };
    return cascade.operate('/sites', 'POST', wanted);
  };
  await Promise.all(sites.map((site) => eightAtOnce(() => add(site))));
  return sites.length;
}

const cascade = theCascade(8);
const cpu = cpuSeconds(pids);
const start = performance.now();
const siteCount = values.add ? await addSites(cascade, values.add) : Number(values.sites);
const { servers, all, failing } = await untilRead(cascade, start, siteCount);
for (const { site, kind, last_error: words } of failing) process.stderr.write(`${site}: ${kind}: ${words}\n`);
const cpuUsed = cpuSeconds(pids) - cpu;
const shown = await idsOf(cascade);

process.stdout.write(head('first read', 'value'));
process.stdout.write(row('minutes until all servers were read', figure(servers / 60)));
process.stdout.write(row('minutes until all kinds were read', figure(all / 60)));
process.stdout.write(row('feeds that fail', failing.length));
process.stdout.write(row('servers in the inventory', shown.size));
process.stdout.write(row('servers a second', figure(shown.size / servers)));
if (values.expect) process.stdout.write(row('fewer than expected', Number(values.expect) - shown.size));
if (pids.length > 0) {
  const { largestMb, totalMb } = memoryUse(pids);
  process.stdout.write(row('CPU s of the cascade', figure(cpuUsed)));
  process.stdout.write(row('largest process RSS MB', figure(largestMb)));
  process.stdout.write(row('all together MB (PSS)', figure(totalMb)));
}
if (values.check) {
  let missing = 0;
  for (const site of await sitesOf(cascade, values.add)) {
    for (const id of await idsOf(site)) if (!shown.delete(id)) missing += 1;
    await site.close();
  }
  process.stdout.write(row('at a site, not in the inventory', missing));
  process.stdout.write(row('in the inventory, at no site', shown.size));
  if (missing + shown.size > 0) process.exitCode = 1;
}
await cascade.close();
