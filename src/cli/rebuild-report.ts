/** What came back from the sites, and what cannot. */
import Table from 'cli-table3';
import type { ShownSite } from '../admin/show-site.js';
import type { Ask } from './operator-client.js';
import { counted, grouped, say } from './words.js';

/** What the cascade alone knew. */
const lost = [
  'why resources are where they are, and where those of a project would have gone next',
  'aggregates, and the zones that were made of them',
  'when flavors, volume types, key pairs and server groups were made: they are as old as this database',
  'quotas of single users and of quota classes, which every site still holds, but no new site will be given',
  'what was deleted before today, for lists that ask what changed since then',
  'what became of requests that the lost database had accepted and the sites had not',
];

export async function report(ask: Ask, names: readonly string[], options: { isNew?: boolean } = {}): Promise<void> {
  if (names.length === 0) return;
  const sites: ShownSite[] = [];
  for (const name of names) {
    sites.push((await ask<{ site: ShownSite }>('GET', `/sites/${encodeURIComponent(name)}`)).site);
  }
  say(tableOf(sites));
  if (!options.isNew) return;
  const { globals } = await ask<{ globals: Record<string, number> }>('GET', '/globals');
  say(`The same in every site: ${counted(globals)}.`);
  say('Key pairs come back one by one, when their owners use them: the site that speaks still has them.');
  say('What no site knows, and what therefore is not here:');
  for (const line of lost) say(`- ${line}`);
}

function tableOf(sites: readonly ShownSite[]): string {
  const kinds = [...new Set(sites.flatMap(({ feeds }) => feeds.map(({ kind }) => kind)))];
  const rowsOf = (site: ShownSite): number[] =>
    kinds.map((kind) => site.feeds.find((feed) => feed.kind === kind)?.rows ?? 0);
  const counts = sites.map(rowsOf);
  const totals = kinds.map((_kind, at) => counts.reduce((sum, row) => sum + (row[at] ?? 0), 0));
  // Kinds of which no site has any are left out.
  const shown = kinds.flatMap((_kind, at) => (totals[at] ? [at] : []));
  const pick = (row: readonly number[]): string[] => shown.map((at) => grouped(row[at] ?? 0));
  const table = new Table({
    head: ['Site', ...shown.map((at) => kinds[at] ?? '')],
    style: { head: [], border: [] },
    colAligns: ['left', ...shown.map(() => 'right' as const)],
  });
  sites.forEach((site, at) => table.push([site.name, ...pick(counts[at] ?? [])]));
  if (sites.length > 1) table.push(['all', ...pick(totals)]);
  return table.toString();
}
