/**
 * Real faults on real clouds: a site frozen, killed and started again, changes behind the cascade's back, and kill -9 of the
 * cascade in the middle of 50 parallel creates. Afterwards inventory and sites agree to the last id, and nothing is there twice.
 *
 *   npx tsx test/openstack/faults.ts     needs a lab of two sites that runs (lab/openstack/lab.sh up 2)
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { assert, check, conclude, eventually } from './checks.js';
import type { CloudClient } from './cloud-client.js';
import { labCommand, siteNames, sites } from './lab.js';
import { addSites, base, cascade, killCascade, makeFlavor, removeCascade, startCascade } from './lab-cascade.js';

interface Server {
  id: string;
  name: string;
  status: string;
  'OS-EXT-AZ:availability_zone'?: string;
}
interface Listed {
  servers: Server[];
}

const tag = `faults-${randomBytes(3).toString('hex')}`;
const [first, second] = siteNames;

/** A flavor of the cascade, and an image in each site. */
async function prepare(): Promise<{ flavor: string; images: string[] }> {
  const flavor = await makeFlavor(tag);
  const images = await Promise.all(
    sites.map(async (site) => {
      const image = { name: tag, disk_format: 'raw', container_format: 'bare', visibility: 'private' };
      const made = await site.call<{ id: string }>('POST', `${site.roots.image}/images`, image);
      await site.call('PUT', `${site.roots.image}/images/${made.body.id}/file`, Buffer.alloc(4096));
      return made.body.id;
    }),
  );
  return { flavor, images };
}

const serverBody = (name: string, flavorRef: string, imageRef: string, zone?: string) => ({
  server: { name, flavorRef, imageRef, networks: 'none', ...(zone ? { availability_zone: zone } : {}) },
});

const listed = async (client: CloudClient, query = ''): Promise<Server[]> =>
  (await client.compute<Listed>('GET', `/servers/detail?all_tenants=1&limit=1000&name=${tag}${query}`)).body.servers;

/** Ids in the inventory and ids at the sites, both sorted. */
async function ids(): Promise<{ inventory: string[]; atSites: string[] }> {
  const there = (await Promise.all(sites.map((site) => listed(site)))).flat();
  return { inventory: (await listed(cascade)).map((one) => one.id).sort(), atSites: there.map((one) => one.id).sort() };
}

async function agree(): Promise<boolean> {
  const { inventory, atSites } = await ids();
  return JSON.stringify(inventory) === JSON.stringify(atSites);
}

async function silentSite(server: Server, other: Server): Promise<void> {
  await check('lists stay complete with a frozen site', async () => {
    await eventually('both servers listed', 60, async () => (await listed(cascade)).length >= 2);
  });
  await check('its server is UNKNOWN from 2.69 on', async () => {
    await eventually(
      'UNKNOWN',
      60,
      async () =>
        (await cascade.compute<{ server: Server }>('GET', `/servers/${server.id}`)).body.server.status === 'UNKNOWN',
    );
    const row = (await listed(cascade)).find((one) => one.id === server.id);
    assert(row?.status === 'UNKNOWN', `listed as ${row?.status}`);
  });
  await check('its server has its last state before 2.69', async () => {
    const { status, body } = await cascade.compute<{ server: Server }>(
      'GET',
      `/servers/${server.id}`,
      undefined,
      '2.60',
    );
    assert(status === 200 && body.server.status === 'ACTIVE', `${status} ${body.server?.status}`);
  });
  await check('a write to it gets 503 with Retry-After', async () => {
    const { status, headers, body } = await cascade.compute('POST', `/servers/${server.id}/action`, {
      'os-stop': null,
    });
    assert(status === 503 && headers['retry-after'], `${status} ${JSON.stringify(headers)}`);
    assert(!JSON.stringify(body).includes('127.0.0.1'), `the site's address shows: ${JSON.stringify(body)}`);
  });
  await check('others do not notice', async () => {
    const start = Date.now();
    for (let round = 0; round < 5; round += 1) {
      const { status, body } = await cascade.compute<{ server: Server }>('GET', `/servers/${other.id}`);
      assert(status === 200 && body.server.status === 'ACTIVE', `${status} ${body.server?.status}`);
      assert((await listed(cascade)).length >= 2, 'a server is missing from the list');
    }
    assert(Date.now() - start < 60_000, `ten requests took ${Date.now() - start} ms`);
  });
}

async function backFromSilence(): Promise<void> {
  await eventually('reachable again', 120, async () => {
    const { body } = await cascade.call<{ site: { health: Record<string, { status: string }> } }>(
      'GET',
      `${base}/cascade/v1/sites/${second}`,
    );
    return Object.values(body.site.health).every((one) => one.status === 'reachable');
  });
}

async function main(): Promise<void> {
  await startCascade();
  await addSites();
  const { flavor, images } = await prepare();
  const boot = async (zone: string, image: string): Promise<Server> => {
    const { status, body } = await cascade.compute<{ server: Server }>(
      'POST',
      '/servers',
      serverBody(`${tag}-${zone}`, flavor, image, zone),
    );
    assert(status === 202, `boot in ${zone}: ${status} ${JSON.stringify(body)}`);
    await eventually(
      `${zone} ACTIVE`,
      120,
      async () =>
        (await cascade.compute<{ server: Server }>('GET', `/servers/${body.server.id}`)).body.server.status ===
        'ACTIVE',
    );
    return body.server;
  };
  await eventually('both images known', 30, async () => {
    const seen = await Promise.all(images.map((id) => cascade.call('GET', `${base}/image/v2/images/${id}`)));
    return seen.every((one) => one.status === 200);
  });
  const one = await boot(first, images[0] ?? '');
  const two = await boot(second, images[1] ?? '');

  labCommand('freeze', '2');
  await silentSite(two, one);
  labCommand('thaw', '2');
  await check('a frozen site comes back', backFromSilence);

  labCommand('kill', '2');
  await check('a killed site keeps its servers listed', async () => {
    await eventually(
      'UNKNOWN',
      60,
      async () => (await listed(cascade)).find((row) => row.id === two.id)?.status === 'UNKNOWN',
    );
  });
  labCommand('start', '2');
  await check('a killed site comes back', backFromSilence);

  await check('what is deleted and made behind the back is noticed', async () => {
    const [, site] = sites;
    assert(site, 'two sites');
    await site.compute('DELETE', `/servers/${two.id}`);
    const made = await site.compute<{ server: Server }>(
      'POST',
      '/servers',
      serverBody(`${tag}-behind`, flavor, images[1] ?? ''),
    );
    assert(made.status === 202, `${made.status}`);
    await eventually('inventory and sites agree', 60, agree);
    assert(
      (await listed(cascade)).some((row) => row.id === made.body.server.id),
      'with its own id',
    );
  });

  await check('kill -9 of the cascade in the middle of 50 creates', async () => {
    const names = Array.from({ length: 50 }, (_, at) => `${tag}-burst-${at}`);
    let answered = 0;
    const creates = names.map(async (name, at) => {
      const body = serverBody(name, flavor, images[at % 2] ?? '', at % 2 ? second : first);
      await cascade.compute('POST', '/servers', body).then(
        () => (answered += 1),
        () => undefined,
      );
    });
    // In the middle: some are answered, the others under way, here or at the sites.
    await eventually('the first answers', 30, async () => answered >= 5);
    killCascade();
    await Promise.all(creates);
    await delay(5_000);
    await startCascade();
    await eventually('inventory and sites agree', 120, agree);
    const { inventory } = await ids();
    assert(new Set(inventory).size === inventory.length, 'an id is listed twice');
    const seen = (await listed(cascade)).map((row) => row.name).filter((name) => name.includes('-burst-'));
    assert(new Set(seen).size === seen.length, 'a server was made twice');
    assert(seen.length > 0, 'the kill came before the first create: nothing was tried');
    console.log(`    killed after ${answered} answers; ${seen.length} of 50 had been taken`);
  });
}

async function tidy(): Promise<void> {
  await Promise.all(
    sites.map(async (site) => {
      for (const { id } of await listed(site).catch(() => [])) await site.compute('DELETE', `/servers/${id}`);
    }),
  );
  await removeCascade();
}

await conclude('faults', main, tidy);
