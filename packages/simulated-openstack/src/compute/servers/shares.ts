/** Shares of Manila that servers have. @see openstack/nova:nova/api/openstack/compute/server_shares.py */
import { randomUUID } from 'node:crypto';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../cloud.js';
import { requireState, serverAsked } from './asked-server.js';
import type { Server, Share } from './server.js';

const all = '/servers/{id}/shares';
const one = `${all}/{share_id}`;
const since = { since: '2.97' } as const;

export const shareRoutes = (cloud: Cloud): Route[] => [
  route(`GET ${all}`, 'reader', list(cloud), since),
  route(`POST ${all}`, 'member', attach(cloud), since),
  route(`GET ${one}`, 'reader', show(cloud), since),
  route(`DELETE ${one}`, 'member', detach(cloud), since),
];

const sharesOf = ({ shares = [] }: Server): readonly Share[] => shares;

/** What a server does not do while it has shares. @see openstack/nova:nova/compute/api.py block_shares_not_supported */
const blocked = new Set(['rebuild', 'shelve', 'suspend', 'os-migrateLive', 'evacuate']);

/** @throws Fault 409 */
export function requireNoShares(server: Server, action: string): void {
  if (!blocked.has(action) || sharesOf(server).length === 0) return;
  throw new Fault('conflict', 'Feature not supported with instances that have shares.');
}

/** A share is mounted where its server runs. */
const statusOf = ({ vmState }: Server): string => (vmState === 'stopped' ? 'inactive' : 'active');

const view = (asked: Asked, { id, shareId, tag }: Share, status: string) => ({
  share_id: shareId,
  status,
  tag,
  ...(asked.caller.isAdmin ? { uuid: id, export_location: `10.0.0.1:/shares/${shareId}` } : {}),
});

/** @throws Fault 404 */
function shareAsked(server: Server, asked: Asked): Share {
  const { share_id: id = '' } = asked.params;
  const share = sharesOf(server).find(({ shareId }) => shareId === id);
  if (!share) throw new Fault('not-found', `Share ${id} could not be found.`);
  return share;
}

const list =
  (cloud: Cloud): Answer =>
  async (asked) => {
    const server = serverAsked(cloud, asked);
    const shares = sharesOf(server).map(({ shareId, tag }) => ({ share_id: shareId, status: statusOf(server), tag }));
    return json(200, { shares });
  };

const show =
  (cloud: Cloud): Answer =>
  async (asked) => {
    const server = serverAsked(cloud, asked);
    return json(200, { share: view(asked, shareAsked(server, asked), statusOf(server)) });
  };

/** There is no Manila beside this Nova: whatever is named is a share. */
function attach(cloud: Cloud): Answer {
  return async (asked) => {
    const { share } = (await asked.readJson()) as { share: { share_id: string; tag?: string } };
    const server = serverAsked(cloud, asked);
    requireState(server, 'create share', ['stopped']);
    const made: Share = { id: randomUUID(), shareId: share.share_id, tag: share.tag ?? share.share_id };
    if (sharesOf(server).some(({ shareId, tag }) => shareId === made.shareId || tag === made.tag)) {
      const words = `Share '${made.shareId}' or tag '${made.tag}' already associated to this server.`;
      throw new Fault('conflict', words);
    }
    cloud.servers.change(server.id, { shares: [...sharesOf(server), made] });
    return json(201, { share: view(asked, made, 'attaching') });
  };
}

function detach(cloud: Cloud): Answer {
  return async (asked) => {
    const server = serverAsked(cloud, asked);
    requireState(server, 'delete share', ['stopped', 'error']);
    const gone = shareAsked(server, asked);
    cloud.servers.change(server.id, { shares: sharesOf(server).filter((share) => share !== gone) });
    return noContent(200);
  };
}
