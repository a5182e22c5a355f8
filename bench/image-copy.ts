/**
 * Bytes a second from the Glance of one site to that of another: by the cascade's copier, and by hand, `curl` GET piped into
 * `curl` PUT, in turns.
 *
 *   OS_* of the cascade's administrator, then
 *   npx tsx bench/image-copy.ts --from http://127.0.0.1:11292 --to http://127.0.0.1:12292 --from-site site1 --to-site site2 \
 *     [--megabytes 2048] [--rounds 3]
 *
 * `--from` and `--to` are the roots of the two Glances. Each round uploads new random bytes straight to the first. Counted is
 * the transfer alone, by hand as by the cascade: its own record of when the copy began and when it was verified. Images are
 * deleted afterwards. Prints a table for bench/RESULTS.md and the ratio of the medians.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { ImageBytes } from './image-bytes.js';
import { head, median, row } from './measure/samples.js';

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    'from-site': { type: 'string', default: 'site1' },
    'to-site': { type: 'string', default: 'site2' },
    megabytes: { type: 'string', default: '2048' },
    rounds: { type: 'string', default: '3' },
  },
});
const given = (value: string | undefined, name: string): string => {
  if (!value) throw new Error(`${name} is missing`);
  return value.replace(/\/+$/, '');
};
const megabytes = Number(values.megabytes);
const images = new ImageBytes(
  given(process.env['OS_AUTH_URL'], 'OS_AUTH_URL'),
  given(values.from, '--from'),
  given(values.to, '--to'),
);

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
  await images.operate('POST', `/images/${id}/copies`, { site: values['to-site'] });
  let began: number | undefined;
  for (;;) {
    const { image } = await images.operate<{ image: { copies: Copy[] } }>('GET', `/images/${id}`);
    const copy = image.copies.find(({ site }) => site === values['to-site']);
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
await images.close();
const speed = (times: number[]): string => (megabytes / median(times)).toFixed(0);
process.stdout.write(
  head(`${megabytes} MB, ${values['from-site']} to ${values['to-site']}`, `MB/s, median of ${values.rounds}`),
);
process.stdout.write(row('curl GET piped into curl PUT', speed(seconds.hand)));
process.stdout.write(row("the cascade's copier, with verification", speed(seconds.cascade)));
process.stdout.write(row('ratio', (median(seconds.hand) / median(seconds.cascade)).toFixed(2)));
