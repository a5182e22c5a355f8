/** One image as a site's Glance shows it to an administrator, and what may be asked for it there. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { bodyOf, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { SiteUnreachable, type Site, type SiteRequest } from '../sites/site.js';

export interface Image {
  readonly id: string;
  readonly status: string;
  readonly visibility: string;
  readonly owner: string | null;
  readonly protected: boolean;
  readonly size: number | null;
  readonly checksum: string | null;
  readonly os_hash_algo: string | null;
  readonly os_hash_value: string | null;
  readonly tags: readonly string[];
  readonly [property: string]: unknown;
}

/** True of an image whose bytes are all there. */
export const isWhole = ({ status }: Image): boolean => status === 'active' || status === 'deactivated';

/** Statuses behind which an upload or an import may still be under way. */
export const isArriving = ({ status }: Image): boolean => ['saving', 'uploading', 'importing'].includes(status);

export const imagePath = (id: string, below = ''): string => `/images/${encodeURIComponent(id)}${below}`;

/** A site refused; the words are the site's, for operators. */
export class ImageRefused extends Error {
  override readonly name = 'ImageRefused';
  constructor(
    site: Site,
    what: string,
    readonly status: number,
    words: string,
  ) {
    super(`${site.name} refused to ${what}: ${status} ${words}`.trim());
  }
}

/** Undefined where the site says that there is none. @throws SiteUnreachable */
export async function readImage(site: Site, id: string): Promise<Image | undefined> {
  const response = await site.request({ service: 'image', method: 'GET', path: imagePath(id) });
  if (response.status === 404) return undefined;
  const image = bodyOf(response);
  if (response.status === 200 && isObject(image) && typeof image['id'] === 'string') return image as unknown as Image;
  throw new SiteUnreachable(site.name, true, `image ${id}: status ${response.status} instead of its details`);
}

/** A write in the site's own name. @throws ImageRefused, SiteUnreachable */
export async function write(
  site: Site,
  what: string,
  { method, path, body, type = 'application/json' }: { method: string; path: string; body?: unknown; type?: string },
  expected: readonly number[] = [],
): Promise<OpenStackResponse> {
  const asked: SiteRequest = {
    service: 'image',
    method,
    path,
    ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)), headers: { 'content-type': type } }),
  };
  const response = await site.request(asked);
  if (response.status < 300 || expected.includes(response.status)) return response;
  // A broken site is one that may be asked again; what it refuses it will refuse again.
  if (response.status >= 500) throw new SiteUnreachable(site.name, true, `${what}: ${response.status}`);
  throw new ImageRefused(site, what, response.status, wordsOf(response));
}

/** What a refusal says: webob's page, or its JSON, which has the page's tags in it too. */
export function wordsOf({ body, headers }: OpenStackResponse): string {
  if (!Buffer.isBuffer(body)) return '';
  if (!(headers['content-type'] ?? '').includes('json')) return withoutTags(body.toString());
  const parsed = bodyOf({ status: 0, body, headers });
  return isObject(parsed) && typeof parsed['message'] === 'string' ? withoutTags(parsed['message']) : '';
}

const withoutTags = (text: string): string =>
  text
    .replace(/<title>.*?<\/title>|<[^>]*>/gs, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
