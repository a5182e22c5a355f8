/** `cascade image …` */
import { setTimeout as delay } from 'node:timers/promises';
import Table from 'cli-table3';
import type { ShownCopy, ShownImage } from '../copies/views.js';
import { CommandFailed } from './command-failed.js';
import { withOperator, ask } from './operator-client.js';
import { ago, grouped, say } from './words.js';

interface Policies {
  readonly usual: string;
  readonly usual_method: string;
  readonly policies: readonly {
    image: string | null;
    site: string | null;
    mode: string | null;
    method: string | null;
  }[];
}

const imageUrl = (id: string): string => `/images/${encodeURIComponent(id)}`;

export async function showImage(id: string, options: { json?: boolean }): Promise<void> {
  const { image } = await ask<{ image: ShownImage }>('GET', imageUrl(id));
  if (options.json) return say(JSON.stringify(image, null, 2));
  const table = new Table({ style: { head: [], border: [] } });
  table.push(['Id', image.id], ['Name', image.name ?? ''], ['Status', image.status], ['Size', sizeInWords(image.size)]);
  table.push(['Home', image.home]);
  const copies = new Map(image.copies.map((copy) => [copy.site, copy]));
  for (const [site, mode] of Object.entries(image.modes)) {
    const copy = copies.get(site);
    table.push([site, copy ? inWords(copy) : `no copy (${mode})`]);
  }
  say(table.toString());
}

export async function listCopies(options: { state?: string; json?: boolean }): Promise<void> {
  const query = options.state ? `?state=${options.state}` : '';
  const { copies } = await ask<{ copies: ShownCopy[] }>('GET', `/image-copies${query}`);
  if (options.json) return say(JSON.stringify(copies, null, 2));
  const table = new Table({ head: ['Image', 'Site', 'Copy'], style: { head: [], border: [] } });
  for (const copy of copies) table.push([copy.image_id, copy.site, inWords(copy)]);
  say(table.toString());
}

export async function copyImage(id: string, site: string, { wait }: { wait: boolean }): Promise<void> {
  await withOperator(async (askOne) => {
    await askOne('POST', `${imageUrl(id)}/copies`, { site });
    for (let copy: ShownCopy | undefined; wait && copy?.state !== 'active'; await delay(1_000)) {
      const { image } = await askOne<{ image: ShownImage }>('GET', imageUrl(id));
      copy = image.copies.find((one) => one.site === site);
      if (!copy || copy.state === 'failed')
        throw new CommandFailed(`not copied: ${copy?.cause ?? 'the image is gone'}`);
    }
  });
  say(wait ? `Image ${id} is in ${site}.` : `Image ${id} is being copied to ${site}: cascade image show ${id}`);
}

export async function mergeImages(id: string, other: string): Promise<void> {
  await ask('POST', `${imageUrl(id)}/merge`, { with: other });
  say(`Image ${other} is a copy of ${id} now, and known by that id.`);
}

interface Wanted {
  readonly image?: string;
  readonly site?: string;
  readonly mode?: string;
  readonly method?: string;
}

export async function setPolicy({ image, site, mode, method }: Wanted): Promise<void> {
  const said = await (mode === undefined && method === undefined
    ? ask<Policies>('GET', '/image-policies')
    : ask<Policies>('PUT', '/image-policies', {
        image: image ?? null,
        site: site ?? null,
        mode: word(mode),
        method: word(method),
      }));
  const table = new Table({ head: ['Image', 'Site', 'Mode', 'Method'], style: { head: [], border: [] } });
  table.push(['all others', 'all others', `${said.usual} (configuration)`, `${said.usual_method} (configuration)`]);
  for (const one of said.policies)
    table.push([one.image ?? 'all', one.site ?? 'all', one.mode ?? '', one.method ?? '']);
  say(table.toString());
}

const word = (said: string | undefined): string | null | undefined => (said === 'usual' ? null : said);

const sizeInWords = (size: number | null): string => (size === null ? 'not known yet' : `${grouped(size)} bytes`);

/** `copying, 1,000 of 5,000 bytes from east by upload, for 3 s`; what went wrong behind it. */
function inWords({ state, bytes, size, source, since, cause, attempts, method, detour }: ShownCopy): string {
  const age = ago((Date.now() - new Date(since).getTime()) / 1000);
  const from = source === null ? '' : ` from ${source}`;
  const by = method === null ? '' : ` by ${method}`;
  const progress =
    state === 'copying' ? `, ${grouped(bytes)} of ${sizeInWords(size)}${from}${by}` : state === 'active' ? by : '';
  const why = [...(cause === null ? [] : [`attempt ${attempts}: ${cause}`]), ...(detour === null ? [] : [detour])];
  return `${state}${progress}, for ${age}${why.length === 0 ? '' : ` (${why.join('; ')})`}`;
}
