/** With whom an image is shared, as its site's administrator reads it. */
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { imagePath, write } from './image.js';

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

/** What each member says to it. */
const answersOf = (members: readonly Member[]): ReadonlyMap<string, string> =>
  new Map(members.map((one) => [one.member_id, one.status]));

/** @throws ImageRefused, SiteUnreachable */
export async function followMembers(home: Site, target: Site, imageId: string): Promise<void> {
  const [shared, there] = await Promise.all([membersAt(home, imageId), membersAt(target, imageId)]);
  if (typeof shared === 'string' || typeof there === 'string') return;
  const [wanted, seen] = [answersOf(shared), answersOf(there)];
  for (const [member, status] of wanted) {
    if (!seen.has(member)) {
      const path = imagePath(imageId, '/members');
      await write(target, 'share the copy', { method: 'POST', path, body: { member } }, [409]);
    }
    if ((seen.get(member) ?? 'pending') === status) continue;
    const path = imagePath(imageId, `/members/${encodeURIComponent(member)}`);
    await write(target, 'accept the copy', { method: 'PUT', path, body: { status } });
  }
  for (const member of seen.keys()) {
    if (wanted.has(member)) continue;
    const path = imagePath(imageId, `/members/${encodeURIComponent(member)}`);
    await write(target, 'take the share back', { method: 'DELETE', path }, [404]);
  }
}
