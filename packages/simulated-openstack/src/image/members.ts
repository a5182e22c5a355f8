/** With whom images are shared. @see openstack/glance:glance/api/v2/image_members.py */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { objectOf } from '@cascade/openstack-adapter/image/request-body.js';
import type { Image, Member } from './image.js';
import { requireImage, type Images } from './images.js';
import { memberBody } from './view.js';

export function memberRoutes(images: Images): Route[] {
  const list = '/images/{image_id}/members';
  const one = `${list}/{member_id}`;
  return [
    route(`GET ${list}`, 'reader', async (asked) => {
      const { image, members } = sharedImage(images, asked);
      const shown = [...members.values()].filter((member) => maySee(asked.caller, image, member));
      return json(200, { members: shown.map((member) => memberBody(image.id, member)), schema: '/v2/schemas/members' });
    }),
    route(`POST ${list}`, 'member', async (asked) => {
      const id = memberIn(await objectOf(asked, 'Expected a member in the form: {"member": "image_id"}'));
      const { image, members } = sharedImage(images, asked);
      requireOwner(asked.caller, image, 'add_member');
      if (members.has(id)) throw new Fault('conflict', `Image member ${id} already exists for image ${image.id}`);
      const now = images.now();
      const member: Member = { memberId: id, status: 'pending', createdAt: now, updatedAt: now };
      members.set(id, member);
      return json(200, memberBody(image.id, member));
    }),
    route(`GET ${one}`, 'reader', async (asked) => {
      const { image, members } = sharedImage(images, asked);
      return json(200, memberBody(image.id, memberOf(asked, image, members)));
    }),
    route(`PUT ${one}`, 'member', async (asked) => {
      const { status } = await objectOf(asked, 'Expected a status in the form: {"status": "status"}');
      const { image, members } = sharedImage(images, asked);
      const member = memberOf(asked, image, members);
      if (status === undefined) throw new Fault('bad-request', 'Status not specified');
      if (status !== 'pending' && status !== 'accepted' && status !== 'rejected') {
        throw new Fault('bad-request', `Status must be "pending", "accepted" or "rejected".`);
      }
      // Whether it takes an image is the member's to say.
      if (!asked.caller.isAdmin && asked.caller.projectId !== member.memberId) throw notAllowed('modify_member');
      Object.assign(member, { status, updatedAt: images.now() });
      return json(200, memberBody(image.id, member));
    }),
    route(`DELETE ${one}`, 'member', async (asked) => {
      const { image, members } = sharedImage(images, asked);
      const member = memberOf(asked, image, members);
      requireOwner(asked.caller, image, 'delete_member');
      members.delete(member.memberId);
      return noContent();
    }),
  ];
}

/** @throws Fault 400 */
function memberIn({ member }: Record<string, unknown>): string {
  if (member === undefined) throw new Fault('bad-request', 'Member to be added not specified');
  if (!member) throw new Fault('bad-request', "Member can't be empty");
  return String(member);
}

const notAllowed = (action: string): Fault =>
  new Fault('forbidden', `You are not authorized to complete ${action} action.`);

/** @throws Fault 403 for an image of another visibility */
function sharedImage(images: Images, { caller, params }: Asked) {
  const image = requireImage(images, caller, params['image_id'] ?? '');
  if (image.visibility !== 'shared') throw new Fault('forbidden', 'Only shared images have members.');
  return { image, members: images.membersOf(image.id) };
}

function requireOwner(caller: Caller, image: Image, action: string): void {
  if (!caller.isAdmin && image.owner !== caller.projectId) throw notAllowed(action);
}

const maySee = (caller: Caller, image: Image, member: Member): boolean =>
  caller.isAdmin || image.owner === caller.projectId || member.memberId === caller.projectId;

function memberOf(asked: Asked, image: Image, members: ReadonlyMap<string, Member>): Member {
  const id = asked.params['member_id'] ?? '';
  const member = members.get(id);
  if (member && maySee(asked.caller, image, member)) return member;
  throw new Fault('not-found', `${id} not found in the member list of the image ${image.id}.`);
}
