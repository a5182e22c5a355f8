/** What the checks of images ask of a cascade and of its sites, in the same words. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, eventually } from '../checks.js';
import type { CloudClient } from '../cloud-client.js';
import { siteNames, sites } from '../lab.js';
import { base, cascade } from '../lab-cascade.js';
import { hashOfImage, uploadFile } from './bytes.js';

export interface Server {
  id: string;
  name: string;
  status: string;
  fault?: { message: string };
}
export interface Image {
  id: string;
  name: string;
  status: string;
  size: number | null;
  os_hash_value: string | null;
}
interface Shown {
  image: {
    home: string;
    copies: {
      site: string;
      state: string;
      bytes: number;
      method: string;
      detour: string | null;
      cause: string | null;
      hash: string | null;
    }[];
  };
}

export const megabytes = Number(process.env['IMAGES_MB'] ?? 256);
export const mebibyte = 1024 * 1024;
export const tag = `images-${randomBytes(3).toString('hex')}`;
export const work = mkdtempSync(join(tmpdir(), 'cascade-images-'));
export const file = join(work, 'image');
export const small = join(work, 'small');
const admin = `${base}/cascade/v1`;
let flavor = '';
export const bootWith = (id: string): void => void (flavor = id);

export const imageOf = async (cloud: CloudClient, id: string): Promise<Image | undefined> => {
  const { status, body } = await cloud.call<Image>('GET', `${cloud.roots.image}/images/${id}`);
  if (status === 404) return undefined;
  assert(status === 200, `image ${id}: ${status} ${JSON.stringify(body)}`);
  return body;
};
export const shown = async (id: string): Promise<Shown['image']> =>
  (await cascade.call<Shown>('GET', `${admin}/images/${id}`)).body.image;
export const copyOf = async (id: string) => (await shown(id)).copies[0];
export const hashAt = async (cloud: CloudClient, id: string): Promise<string> =>
  hashOfImage(cloud.roots.image, id, await cloud.token());

export async function newImage(cloud: CloudClient, name: string, more: object = {}): Promise<string> {
  const wanted = { name: `${tag}-${name}`, disk_format: 'raw', container_format: 'bare', ...more };
  const { status, body } = await cloud.call<Image>('POST', `${cloud.roots.image}/images`, wanted);
  assert(status === 201, `image ${name}: ${status} ${JSON.stringify(body)}`);
  return body.id;
}
export async function uploaded(name: string, path: string): Promise<string> {
  const id = await newImage(cascade, name);
  const status = await uploadFile(cascade.roots.image, id, path, await cascade.token());
  assert(status === 204, `upload of ${name}: ${status}`);
  return id;
}

/** Asks for a server, and does not wait for it. */
export async function boot(name: string, zone: string, imageRef: string): Promise<string> {
  const server = { name: `${tag}-${name}`, flavorRef: flavor, imageRef, networks: 'none', availability_zone: zone };
  const { status, body } = await cascade.compute<{ server: Server }>('POST', '/servers', { server });
  assert(status === 202, `boot in ${zone}: ${status} ${JSON.stringify(body)}`);
  return body.server.id;
}
export async function becomesActive(id: string, seconds = 120): Promise<void> {
  await eventually(`server ${id} ACTIVE`, seconds, async () => {
    const { server } = (await cascade.compute<{ server: Server }>('GET', `/servers/${id}`)).body;
    return server.status === 'ACTIVE';
  });
}
export const serversNamed = async (cloud: CloudClient, name: string): Promise<Server[]> =>
  (await cloud.compute<{ servers: Server[] }>('GET', `/servers/detail?all_tenants=1&name=^${tag}-${name}`)).body
    .servers;
export const imagesNamed = async (cloud: CloudClient, name: string): Promise<Image[]> =>
  (await cloud.call<{ images: Image[] }>('GET', `${cloud.roots.image}/images?name=${tag}-${name}`)).body.images;

/** Where the image is, and where it is not: the two sites, their numbers in the lab, and how to ask them. */
export async function placesOf(id: string) {
  const { home } = await shown(id);
  const at = siteNames.indexOf(home);
  assert(at >= 0, `home of ${id} is ${home}`);
  const place = (index: number) => ({ name: siteNames[index]!, number: String(index + 1), cloud: sites[index]! });
  return { home: place(at), far: place(1 - at) };
}
export const setMode = (mode: string | null, of: { image?: string; site?: string }) =>
  cascade.call('PUT', `${admin}/image-policies`, { image: of.image ?? null, site: of.site ?? null, mode });
