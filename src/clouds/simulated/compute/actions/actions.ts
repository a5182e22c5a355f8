/** `POST /servers/{id}/action`: one action, named by the body's only key. */
import { Fault } from '../../../../openstack/faults.js';
import type { OpenStackResponse } from '../../../../openstack/message.js';
import { atLeast } from '../../../../openstack/microversion.js';
import type { Answer, Asked } from '../../../../openstack/route.js';
import type { Cloud } from '../../cloud.js';
import { requireAdmin, requireUnlocked, serverAsked } from '../servers/asked-server.js';
import { consoleActions } from './console-actions.js';
import { imageActions } from './image-actions.js';
import { migrationActions } from './migration-actions.js';
import { networkActions } from './network-actions.js';
import { powerActions } from './power-actions.js';
import { rebuildActions } from './rebuild-actions.js';
import { resizeActions } from './resize-actions.js';
import { stateActions } from './state-actions.js';
import type { Server } from '../servers/server.js';

export interface Action {
  run(cloud: Cloud, asked: Asked, server: Server, given: unknown): OpenStackResponse | Promise<OpenStackResponse>;
  /** What is written into the server's journal; nothing where it is not. @see openstack/nova:nova/compute/instance_actions.py */
  readonly journal?: string;
  /** The policy rule of what only administrators may do. */
  readonly admin?: string;
  /** Allowed to a tenant whose server is locked. */
  readonly despiteLock?: true;
  readonly since?: string;
  readonly until?: string;
}

export type Actions = Readonly<Record<string, Action>>;

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
    if (action.admin) requireAdmin(asked, action.admin);
    const server = serverAsked(cloud, asked);
    if (!action.despiteLock) requireUnlocked(asked, server);
    const answer = await action.run(cloud, asked, server, body[name]);
    if (action.journal) cloud.journal.note(server, action.journal, asked);
    return answer;
  };
}

function actionNamed(asked: Asked, name: string): Action | undefined {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!action) return undefined;
  if (action.since && !atLeast(asked.microversion, action.since)) return undefined;
  const isGone = action.until && atLeast(asked.microversion, action.until) && !isExactly(asked, action.until);
  return isGone ? undefined : action;
}

const isExactly = ({ microversion }: Asked, text: string): boolean =>
  microversion !== undefined && `${microversion.major}.${microversion.minor}` === text;
