/** `POST /servers/{id}/action`: one action, named by the body's only key. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { nothing } from '@cascade/openstack-protocol/server/unrouted.js';
import type { Cloud } from '../cloud.js';
import { mayManage } from '../managers.js';
import { mappedServer, requireAdmin, requireUnlocked, serverAsked } from '../servers/asked-server.js';
import { requireNoShares } from '../servers/shares.js';
import { consoleActions } from './console-actions.js';
import { imageActions } from './image-actions.js';
import { migrationActions } from './migration-actions.js';
import { networkActions } from './network-actions.js';
import { powerActions } from './power-actions.js';
import { rebuildActions } from './rebuild-actions.js';
import { resizeActions } from './resize-actions.js';
import { stateActions } from './state-actions.js';
import type { Action, Actions } from './action.js';

const actions: Actions = {
  ...powerActions,
  ...resizeActions,
  ...rebuildActions,
  ...stateActions,
  ...migrationActions,
  ...imageActions,
  ...networkActions,
  ...consoleActions,
};

export function actOnServer(cloud: Cloud): Answer {
  return async (asked) => {
    const body = await asked.readJson();
    const [name = '', ...others] = Object.keys(body);
    const action = others.length === 0 ? actionNamed(asked, name) : undefined;
    if (!action) throw new Fault('bad-request', `There is no such action: ${name}`);
    if (action.admin && !isManaged(cloud, asked, action, body[name])) requireAdmin(asked, action.admin);
    if (action.gone?.(cloud)) throw new Fault('gone', gone);
    const server = action.maps ? mappedServer(cloud, asked) : serverAsked(cloud, asked);
    if (!action.despiteLock) requireUnlocked(asked, server);
    requireNoShares(server, name);
    const answer = await action.run(cloud, asked, server, body[name]);
    if (action.journal) cloud.journal.note(server, action.journal, asked);
    return answer;
  };
}

const isManaged = (cloud: Cloud, { caller }: Asked, { managed }: Action, given: unknown): boolean =>
  managed === true && mayManage(cloud, caller) && !(isObject(given) && given['host']);

/** Proxies of Neutron, which are not simulated in the microversions that have them. */
const proxies = ['addFloatingIp', 'removeFloatingIp'];

/** @throws Fault 404 for one of other microversions */
function actionNamed(asked: Asked, name: string): Action | undefined {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  const until = proxies.includes(name) ? '2.43' : action?.until;
  const isAhead = action?.since !== undefined && !atLeast(asked.microversion, action.since);
  const isGone = until !== undefined && atLeast(asked.microversion, until) && !isExactly(asked, until);
  if (isAhead || isGone) throw new Fault('not-found', nothing);
  return action;
}

const gone = 'This resource is no longer available. No forwarding address is given.';

const isExactly = ({ microversion }: Asked, text: string): boolean =>
  microversion !== undefined && `${microversion.major}.${microversion.minor}` === text;
