/**
 * Bytes a second from the Glance of one site to that of another: by the cascade's copier, and by hand, `curl` GET piped into
 * `curl` PUT, in turns.
 *
 *   OS_* of the cascade's administrator, then
 *   npx tsx bench/image-copy.ts [--from site1] [--to site2] [--megabytes 2048] [--rounds 3]
 *
 * Each round uploads new random bytes straight to the Glance of the first site. Counted is the transfer alone, by hand as by the cascade: its own record of when the copy began and when it was verified. Images are
 * deleted afterwards. Prints a table for bench/RESULTS.md and the ratio of the medians.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { siteNamed, sitesOf, theCascade } from './cloud.js';
import { ImageBytes } from './image-bytes.js';
import { head, median, row } from './measure/samples.js';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: 'site1' },
    to: { type: 'string', default: 'site2' },
    megabytes: { type: 'string', default: '2048' },
    rounds: { type: 'string', default: '3' },
  },
});
const megabytes = Number(values.megabytes);
const cascade = theCascade();
const sites = await sitesOf(cascade);
const images = new ImageBytes(cascade, siteNamed(sites, values.from), siteNamed(sites, values.to));

/** @returns seconds */
async function byHand(id: string): Promise<number> {
  const copy = await images.newCopy();
  const start = performance.now();
  await images.copy(id, copy);
  const seconds = (performance.now() - start) / 1000;
  await images.removeCopy(copy);
  return seconds;
}

interface Copy {
  readonly site: string;
  readonly state: string;
  readonly since: string;
  readonly cause: string | null;
}

/** @returns seconds from the beginning of the copy to its verification */
async function byCascade(id: string): Promise<number> {
  await cascade.operate(`/images/${id}/copies`, 'POST', { site: values.to });
  let began: number | undefined;
  for (;;) {
    const { image } = await cascade.operate<{ image: { copies: Copy[] } }>(`/images/${id}`);
    const copy = image.copies.find(({ site }) => site === values.to);
    if (copy?.state === 'copying') began ??= Date.parse(copy.since);
    if (copy?.state === 'failed') throw new Error(copy.cause ?? 'failed');
    if (copy?.state === 'active') return (Date.parse(copy.since) - (began ?? Date.parse(copy.since))) / 1000;
    await delay(100);
  }
}

const seconds: { hand: number[]; cascade: number[] } = { hand: [], cascade: [] };
for (let round = 0; round < Number(values.rounds); round += 1) {
  const id = await images.make(megabytes);
  // Whoever reads first warms the disk's cache for the other: they take turns.
  const turns = round % 2 === 0 ? (['hand', 'cascade'] as const) : (['cascade', 'hand'] as const);
  for (const turn of turns) seconds[turn].push(await (turn === 'hand' ? byHand(id) : byCascade(id)));
  await images.remove(id);
}
await Promise.all([cascade, ...sites].map((cloud) => cloud.close()));
const speed = (times: number[]): string => (megabytes / median(times)).toFixed(0);
process.stdout.write(head(`${megabytes} MB, ${values.from} to ${values.to}`, `MB/s, median of ${values.rounds}`));
process.stdout.write(row('curl GET piped into curl PUT', speed(seconds.hand)));
process.stdout.write(row("the cascade's copier, with verification", speed(seconds.cascade)));
process.stdout.write(row('ratio', (median(seconds.hand) / median(seconds.cascade)).toFixed(2)));
