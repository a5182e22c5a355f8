/** With whom an image is shared, as its site's administrator reads it. */
import { bodyOf } from '../openstack/message.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { imagePath } from './image.js';

export interface Member {
  readonly member_id: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

/** `unshared`: its visibility is another than `shared`; members count for nothing then, and the site keeps them. @throws SiteUnreachable */
export async function membersAt(site: Site, imageId: string): Promise<readonly Member[] | 'unshared' | 'gone'> {
  const response = await site.request({ service: 'image', method: 'GET', path: imagePath(imageId, '/members') });
  if (response.status === 403) return 'unshared';
  if (response.status === 404) return 'gone';
  const members = (bodyOf(response) as { members?: Member[] } | undefined)?.members;
  if (response.status === 200 && Array.isArray(members)) return members;
  throw new SiteUnreachable(site.name, true, `members of image ${imageId}: ${response.status} instead of a list`);
}
