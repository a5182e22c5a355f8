/** With whom an image is shared, at a copy of it. */
import { bodyOf } from '../openstack/message.js';
import { SiteUnreachable, type Site } from '../sites/site.js';
import { imagePath, write } from './image.js';

/** Members and their answers; undefined where the image has another visibility than `shared`. @throws SiteUnreachable */
async function membersAt(site: Site, imageId: string): Promise<Map<string, string> | undefined> {
  const response = await site.request({ service: 'image', method: 'GET', path: imagePath(imageId, '/members') });
  if (response.status === 403 || response.status === 404) return undefined;
  const members = (bodyOf(response) as { members?: { member_id: string; status: string }[] } | undefined)?.members;
  if (response.status === 200 && members) return new Map(members.map((one) => [one.member_id, one.status]));
  throw new SiteUnreachable(site.name, true, `members of image ${imageId}: ${response.status} instead of a list`);
}

/** @throws ImageRefused, SiteUnreachable */
export async function followMembers(home: Site, target: Site, imageId: string): Promise<void> {
  const [wanted, seen] = await Promise.all([membersAt(home, imageId), membersAt(target, imageId)]);
  if (!wanted || !seen) return;
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
