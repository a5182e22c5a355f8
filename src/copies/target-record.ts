/** The record of a copy at its site: an empty one to upload into, whatever an earlier attempt has left there. */
import { randomUUID } from 'node:crypto';
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import { NonRetryable, RetryLater } from '../jobs/job.js';
import type { SiteRegistry } from '../sites/registry.js';
import type { Site } from '../sites/site.js';
import type { CopyTable, ImageCopy } from './copy-table.js';
import { imagePath, isArriving, isWhole, readImage, write, type Image } from './image.js';
import { newRecord } from './record.js';

/** Attempts for which bytes that another upload has begun to bring are left to come, or to be noticed to have broken off. */
const patientAttempts = 3;

export interface RecordContext {
  readonly sites: SiteRegistry;
  readonly table: CopyTable;
}

/**
 * @param copy as it was when the attempt began
 * @param attempt of the copy, from 1
 * @returns the record at the target: empty, being imported, or whole already
 * @throws RetryLater, NonRetryable, ImageRefused, SiteUnreachable
 */
export async function recordAt(
  context: RecordContext,
  target: Site,
  image: Image,
  copy: ImageCopy,
  attempt: number,
): Promise<Image> {
  const seen = await readImage(target, image.id);
  if (!seen) return makeRecord(context, target, image);
  if (isWhole(seen)) return seen;
  if (!copy.is_ours) throw new NonRetryable(`${target.name} has an image of this id that is ${seen.status}`);
  // Glance sets an upload that broke off back to `queued`, and it can be begun again in the same record. An import that an
  // earlier attempt ordered goes on by itself.
  if (seen.status === 'queued' || seen.status === 'importing') return seen;
  if (isArriving(seen) && attempt <= patientAttempts) {
    throw new Error(`${target.name} still waits for the rest of an earlier upload`);
  }
  await discard(context.sites, target, image.id);
  return makeRecord(context, target, image);
}

async function makeRecord({ sites, table }: RecordContext, target: Site, image: Image): Promise<Image> {
  const key = { imageId: image.id, siteId: target.id };
  const asked = { method: 'POST', path: '/images', body: newRecord(image) };
  // Noted before it is made: what is found after a crash in between is ours.
  await table.own(key, true);
  const made = await write(target, 'make the record', asked, [409]);
  if (made.status === 409) {
    if (await readImage(target, image.id)) {
      await table.own(key, false);
      throw new RetryLater(`${target.name} has just got an image of this id`, 2);
    }
    // Glance never gives an id out again: that of a copy which was deleted is used up there, and the next has another one.
    await sites.aliases.add(target.id, image.id, randomUUID());
    await write(target, 'make the record under another id', asked);
  }
  const record = await readImage(target, image.id);
  if (!record) throw new NonRetryable(`${target.name} made a record and does not show it`);
  return record;
}

/** Deletes a copy, and with it the site's own id for it. @throws ImageRefused, SiteUnreachable */
export async function discard(sites: SiteRegistry, target: Site, imageId: string): Promise<void> {
  const path = imagePath(imageId);
  const gone = await write(target, 'delete the copy', { method: 'DELETE', path }, [403, 404]);
  if (gone.status === 403) {
    const body = [{ op: 'replace', path: '/protected', value: false }];
    await write(target, 'unprotect the copy', { method: 'PATCH', path, body, type: patchType }, [404]);
    await write(target, 'delete the copy', { method: 'DELETE', path }, [404]);
  }
  await sites.aliases.remove(target.id, imageId);
}

export const patchType = 'application/openstack-images-v2.1-json-patch';

/** Where anybody may read an image's bytes; undefined where its site alone can (its disk, its Ceph). */
export function publicLocation(image: Readonly<Record<string, unknown>>): string | undefined {
  const locations = Array.isArray(image['locations']) ? (image['locations'] as { url?: unknown }[]) : [];
  const urls = [...locations.map(({ url }) => url), image['direct_url']];
  return urls.find((url): url is string => typeof url === 'string' && /^https?:\/\//.test(url));
}

/**
 * The same where a Glance shows an image's locations to services alone, by their own path.
 * @throws SiteUnreachable
 */
export async function locationOf(home: Site, image: Readonly<Record<string, unknown>>): Promise<string | undefined> {
  const shown = publicLocation(image);
  if (shown !== undefined) return shown;
  const path = imagePath(String(image['id']), '/locations');
  const response = await home.request({ service: 'image', method: 'GET', path });
  return response.status === 200 ? publicLocation({ locations: bodyOf(response) }) : undefined;
}

/**
 * Makes an empty record whole by a location: by the path that Glance has for that since 2024.2, behind whose response it
 * compares the bytes, or as a change of the record. Then the site believes the hashes that come with it and compares the bytes
 * when it reads them. @see openstack/glance:api-ref/source/v2/images-parameters.yaml validation_data
 * @returns false where the site is still at it
 * @throws NonRetryable, ImageRefused (where the site does not let locations be seen), SiteUnreachable
 */
export async function registerAt(home: Site, target: Site, image: Image): Promise<boolean> {
  const url = await locationOf(home, image);
  if (url === undefined) throw new NonRetryable('the image has no location that another site can read');
  const { checksum, os_hash_algo, os_hash_value } = image;
  const hashes = os_hash_value ? { os_hash_algo, os_hash_value } : {};
  const byPath = { method: 'POST', path: imagePath(image.id, '/locations'), body: { url, validation_data: hashes } };
  // It is not known there, or not to be used by who is no service.
  const added = await write(target, 'add the location', byPath, [403, 404, 405]);
  if (added.status < 300) return false;
  const value = { url, metadata: {}, validation_data: { checksum, ...hashes } };
  const body = [{ op: 'add', path: '/locations/-', value }];
  await write(target, 'register the location', { method: 'PATCH', path: imagePath(image.id), body, type: patchType });
  return true;
}
