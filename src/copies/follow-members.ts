/** With whom an image is shared, at a copy of it. */
import type { Site } from '../sites/site.js';
import { imagePath, write } from './image.js';
import { membersAt, type Member } from './members.js';

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
