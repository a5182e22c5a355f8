/** `cascade rebuild`: a new database from the sites alone, or a site's part of it read anew. */
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { NewSiteBody } from '../admin/schemas.js';
import { CommandFailed } from './command-failed.js';
import { withOperator, type Ask } from './operator-client.js';
import { QuotaAdoption } from './quota-adoption.js';
import { report } from './rebuild-report.js';
import { readSitesFile, withSecrets } from './sites-file.js';
import { StatusLines } from './status-lines.js';
import { watchReads, type ListedSite } from './watch-reads.js';
import { grouped, say, warn } from './words.js';

export interface RebuildOptions {
  site: string[];
  all: boolean;
  timeout: number;
}

/** Sites that are added at once: each is looked at before it is one. */
const addedAtOnce = 8;

export async function rebuild(file: string | undefined, options: RebuildOptions): Promise<void> {
  const isAnew = options.all || options.site.length > 0;
  if (isAnew === (file !== undefined)) {
    throw new CommandFailed('give either a file that `cascade site export` wrote, or --site NAME, or --all');
  }
  await withOperator((ask, keystone) =>
    file === undefined
      ? readAnew(ask, options)
      : newDatabase(ask, { file, quotas: new QuotaAdoption(ask, keystone), timeout: options.timeout }),
  );
}

/** Doubts what is known of some sites. Lists go on with it until it is corrected. */
async function readAnew(ask: Ask, { site, all, timeout }: RebuildOptions): Promise<void> {
  const names = all ? (await sitesOf(ask)).map(({ name }) => name) : site;
  for (const name of names) await ask('POST', `/sites/${encodeURIComponent(name)}/rebuild`);
  const failed = await watchReads(ask, { names, isRead: (feed) => !feed.is_suspected, timeout });
  await report(
    ask,
    names.filter((name) => !failed.has(name)),
  );
  end(failed, 'it will be read as soon as it answers');
}

interface NewDatabase {
  readonly file: string;
  readonly quotas: QuotaAdoption;
  /** Seconds for a site that fails. */
  readonly timeout: number;
}

/** Adds every site of the file that is not one yet, so that it can be run again after whatever stopped it. */
async function newDatabase(ask: Ask, { file, quotas, timeout }: NewDatabase): Promise<void> {
  const wanted = await readSitesFile(file);
  const there = new Map((await sitesOf(ask)).map((site) => [site.name, site]));
  for (const { name, auth_url: url, region } of wanted) {
    const site = there.get(name);
    if (site && (site.auth_url !== url || site.region !== region)) {
      warn(`site ${name} is there already, at ${site.auth_url} in region ${site.region}: it is kept as it is`);
    }
  }
  const missing = withSecrets(
    wanted.filter(({ name }) => !there.has(name)),
    process.env,
  );
  const failed = await addAll(ask, missing, there.size === 0, timeout);
  const names = wanted.map(({ name }) => name).filter((name) => !failed.has(name));
  const isRead = (feed: { age_seconds: number | null }): boolean => feed.age_seconds !== null;
  const reading = watchReads(ask, { names, isRead, timeout, beside: () => quotas.line });
  for (const [name, why] of await quotas.beside(reading)) failed.set(name, why);
  const read = names.filter((name) => !failed.has(name));
  for (const name of read) await untilReconciled(ask, name, timeout);
  if (read.length > 0) await finish(quotas);
  await report(ask, read, { isNew: true });
  end(failed, 'run the same command again once it answers');
}

/** @param isEmpty true for a cascade without sites @returns of each site that could not be added, why */
async function addAll(ask: Ask, bodies: readonly NewSiteBody[], isEmpty: boolean, timeout: number) {
  const failed = new Map<string, string>();
  const add = async (body: NewSiteBody): Promise<void> => {
    try {
      const { warnings } = await ask<{ warnings: string[] }>('POST', '/sites', body);
      say(`${body.name}: added`);
      for (const words of warnings) warn(`${body.name}: ${words}`);
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      failed.set(body.name, error.message);
    }
  };
  const [first, ...others] = bodies;
  if (first) await add(first);
  // The first site used to speak for all: what is global has its ids, so it is asked before the others are there.
  if (first && isEmpty && !failed.has(first.name)) await untilReconciled(ask, first.name, timeout);
  const turn = pLimit(addedAtOnce);
  await Promise.all(others.map((body) => turn(() => add(body))));
  return failed;
}

const sitesOf = async (ask: Ask): Promise<ListedSite[]> => (await ask<{ sites: ListedSite[] }>('GET', '/sites')).sites;

/** Waits until what is global has been compared with a site; one that keeps failing is left to the cascade. */
async function untilReconciled(ask: Ask, name: string, timeout: number): Promise<void> {
  for (const until = performance.now() + timeout * 1000; performance.now() < until; await delay(500)) {
    const site = (await sitesOf(ask)).find((one) => one.name === name);
    if (site?.reconciled_at || site?.state === 'maintenance') return;
  }
  warn(`site ${name}: its flavors, types and groups are not all adopted yet; the cascade goes on trying, see its log`);
}

async function finish(quotas: QuotaAdoption): Promise<void> {
  const lines = new StatusLines();
  await quotas.finish(() => lines.now([quotas.line], quotas.line));
  lines.done(`${quotas.line}: ${grouped(quotas.found)} found`);
}

function end(failed: ReadonlyMap<string, string>, advice: string): void {
  if (failed.size === 0) return;
  const reasons = [...failed].map(([name, why]) => `${name} (${why})`);
  throw new CommandFailed(`not read: ${reasons.join('; ')}. Each is tried for itself: ${advice}.`);
}
