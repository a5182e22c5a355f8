/**
 * How long until a server is ACTIVE whose image is in another site: asked of the cascade, which copies it, and by hand, `curl`
 * GET piped into `curl` PUT and then a boot at the site's Nova, in turns.
 *
 *   OS_* of the cascade's administrator, then
 *   npx tsx bench/lazy-boot.ts [--from site1] [--to site2] [--flavor m1.nano] [--megabytes 1024] [--rounds 3]
 *
 * Each of the two boots of a round has an image of its own, of new random
 * bytes; servers have no network. Both ask every tenth of a second. Everything is deleted afterwards.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { siteNamed, sitesOf, theCascade, type Cloud } from './cloud.js';
import { ImageBytes } from './image-bytes.js';
import { figure, head, median, row } from './measure/samples.js';

const { values } = parseArgs({
  options: {
    from: { type: 'string', default: 'site1' },
    to: { type: 'string', default: 'site2' },
    flavor: { type: 'string', default: 'm1.nano' },
    megabytes: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '3' },
  },
});
const megabytes = Number(values.megabytes);
const cascade = theCascade();
const sites = await sitesOf(cascade);
const site = siteNamed(sites, values.to);
const images = new ImageBytes(cascade, siteNamed(sites, values.from), site);

async function flavorOf(cloud: Cloud): Promise<string> {
  const { body } = await cloud.ask<{ flavors: { id: string; name: string }[] }>('GET', 'compute', '/flavors');
  const found = body.flavors.find(({ id, name }) => values.flavor === id || values.flavor === name);
  if (!found) throw new Error(`${cloud.address.name} has no flavor ${values.flavor}`);
  return found.id;
}

/** Until it runs. @param zone none asks the site itself */
async function boot(cloud: Cloud, imageRef: string, flavorRef: string, zone?: string): Promise<void> {
  const server = { name: 'bench', imageRef, flavorRef, networks: 'none', ...(zone ? { availability_zone: zone } : {}) };
  const options = { body: { server }, microversion: '2.37' };
  const made = await cloud.ask<{ server?: { id: string } }>('POST', 'compute', '/servers', options);
  const path = `/servers/${made.body.server?.id ?? ''}`;
  if (made.status !== 202) throw new Error(`${cloud.address.name}: ${made.status} ${JSON.stringify(made.body)}`);
  for (let status = 'BUILD'; status !== 'ACTIVE'; await delay(100)) {
    ({ status } = (await cloud.ask<{ server: { status: string } }>('GET', 'compute', path)).body.server);
    if (status === 'ERROR') throw new Error(`${cloud.address.name}: the server is in ERROR`);
  }
  remove.push(async () => void (await cloud.ask('DELETE', 'compute', path)));
}

const remove: (() => Promise<unknown>)[] = [];
const flavors = { cascade: await flavorOf(cascade), site: await flavorOf(site) };
const ways = {
  hand: async (image: string) => {
    const copy = await images.newCopy();
    remove.push(() => images.removeCopy(copy));
    await images.copy(image, copy);
    await boot(site, copy, flavors.site);
  },
  cascade: (image: string) => boot(cascade, image, flavors.cascade, values.to),
};
const seconds: Record<keyof typeof ways, number[]> = { hand: [], cascade: [] };
for (let round = 0; round < Number(values.rounds); round += 1) {
  const turns = round % 2 === 0 ? (['hand', 'cascade'] as const) : (['cascade', 'hand'] as const);
  for (const way of turns) {
    const image = await images.make(megabytes);
    const start = performance.now();
    await ways[way](image);
    seconds[way].push((performance.now() - start) / 1000);
    for (const undo of remove.splice(0).reverse()) await undo();
    await images.remove(image);
  }
}
await Promise.all([cascade, ...sites].map((cloud) => cloud.close()));
process.stdout.write(head(`${megabytes} MB, until ACTIVE in ${values.to}`, `seconds, median of ${values.rounds}`));
process.stdout.write(row('copied with curl, then booted', figure(median(seconds.hand))));
process.stdout.write(row('booted through the cascade', figure(median(seconds.cascade))));
process.stdout.write(row('ratio', figure(median(seconds.cascade) / median(seconds.hand))));
