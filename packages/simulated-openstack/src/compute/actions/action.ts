/** What one action of `POST /servers/{id}/action` is. */
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../cloud.js';
import type { Server } from '../servers/server.js';

export interface Action {
  run(cloud: Cloud, asked: Asked, server: Server, given: unknown): OpenStackResponse | Promise<OpenStackResponse>;
  /** What is written into the server's journal; nothing where it is not. @see openstack/nova:nova/compute/instance_actions.py */
  readonly journal?: string;
  /** The policy rule of what only administrators may do. */
  readonly admin?: string;
  /** A manager may do it too where there are managers, unless a host is named. */
  readonly managed?: true;
  /** Allowed to a tenant whose server is locked. */
  readonly despiteLock?: true;
  readonly since?: string;
  readonly until?: string;
  /** True in clouds whose Nova has it no more. */
  gone?(cloud: Cloud): boolean;
  /** True where Nova looks for the server's cell, and says so where there is none. */
  readonly maps?: true;
}

export type Actions = Readonly<Record<string, Action>>;
