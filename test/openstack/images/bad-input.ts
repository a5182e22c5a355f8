/** Uploads that lie, and requests that no image can meet: answered as the site's own Glance answers them. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { assert, check, eventually } from '../checks.js';
import type { CloudClient } from '../cloud-client.js';
import { sites } from '../lab.js';
import { cascade } from '../lab-cascade.js';
import { becomesActive, boot, imageOf, imagesNamed, newImage, placesOf, tag } from './cloud-images.js';

export async function badInput(): Promise<void> {
  const clouds = [cascade, sites[0]!];
  /** Both are asked the same; the cascade's answer is to be the site's. */
  const same = async <T>(name: string, ask: (cloud: CloudClient) => Promise<T>): Promise<void> =>
    check(name, async () => {
      const [ours, theirs] = (await Promise.all(clouds.map(ask))).map((one) => JSON.stringify(one));
      assert(ours === theirs, `${ours}, at the site ${theirs}`);
    });
  await same('an upload that breaks off', async (cloud) => {
    const id = await newImage(cloud, 'cut');
    await breakOff(cloud, id, 'transfer-encoding: chunked', `${(4096).toString(16)}\r\n${'x'.repeat(4096)}\r\n`);
    await eventually('it is no longer being saved', 30, async () => (await imageOf(cloud, id))?.status !== 'saving');
    return (await imageOf(cloud, id))?.status;
  });
  await same('a content-length that lies', async (cloud) => {
    const id = await newImage(cloud, 'lie');
    await breakOff(cloud, id, 'content-length: 100000', 'x'.repeat(4096));
    await eventually('it is no longer being saved', 30, async () => (await imageOf(cloud, id))?.status !== 'saving');
    const image = await imageOf(cloud, id);
    return [image?.status, image?.size];
  });
  await same('no bytes at all', async (cloud) => {
    const id = await newImage(cloud, 'empty');
    const { status } = await cloud.call('PUT', `${cloud.roots.image}/images/${id}/file`, Buffer.alloc(0));
    const image = await imageOf(cloud, id);
    return [status, image?.status, image?.size];
  });
  await same('ten thousand properties', async (cloud) => {
    const properties = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`p${at}`, 'x']));
    const wanted = { name: `${tag}-many`, disk_format: 'raw', container_format: 'bare', ...properties };
    return (await cloud.call('POST', `${cloud.roots.image}/images`, wanted)).status;
  });
  await check('an empty image boots where it is not', async () => {
    const [image] = await imagesNamed(cascade, 'empty');
    if (image?.status !== 'active') return; // refused, as the site does
    await becomesActive(await boot('empty', (await placesOf(image.id)).far.name, image.id));
  });
  await check('imports from the inside are refused', async () => {
    for (const uri of [
      'http://127.0.0.1/',
      'http://0x7f.1/',
      'http://2130706433/',
      'http://017700000001/',
      'http://[::ffff:10.0.0.1]/',
      'http://169.254.169.254/latest',
    ]) {
      const id = await newImage(cascade, 'inside');
      const method = { name: 'web-download', uri };
      const { status } = await cascade.call('POST', `${cascade.roots.image}/images/${id}/import`, { method });
      assert(status === 400, `${uri}: ${status}`);
      assert((await imageOf(cascade, id))?.status === 'queued', 'something has begun');
    }
  });
}

/** The head of an upload and some of its bytes; then the connection is gone. */
async function breakOff(cloud: CloudClient, id: string, length: string, bytes: string): Promise<void> {
  const { hostname, port, pathname } = new URL(`${cloud.roots.image}/images/${id}/file`);
  const head = [
    `PUT ${pathname} HTTP/1.1`,
    `host: ${hostname}:${port}`,
    `x-auth-token: ${await cloud.token()}`,
    'content-type: application/octet-stream',
    length,
  ];
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.write(`${head.join('\r\n')}\r\n\r\n${bytes}`, () => resolve()));
  await delay(2_000);
  socket.destroy();
  await delay(1_000);
}
