/**
 * Who may do what: Keystone's default personas, and nothing that no row allows.
 * @see openstack/keystone:keystone/common/policies
 */
import { isAdmin } from '../policy.js';
import type { Token } from './tokens/token.js';

export type Policy = (caller: Token, params: Readonly<Record<string, string>>) => boolean;

const hasRole = (caller: Token, ...names: string[]): boolean =>
  caller.roles.some(({ name }) => names.includes(name.toLowerCase()));

/** The role `admin` means the whole cloud, in whatever project it was given. */
export const admin: Policy = (caller) => isAdmin(caller.roles.map(({ name }) => name));

/** Looks at everything: administrators, and readers of the system. */
export const auditor: Policy = (caller, params) =>
  admin(caller, params) || (caller.scope.kind === 'system' && hasRole(caller, 'reader', 'member'));

/** Those, and other services that check what a tenant may do: service users of the cloud. */
export const auditorOrService: Policy = (caller, params) => auditor(caller, params) || hasRole(caller, 'service');

/** Everybody who is logged in. */
export const anyone: Policy = () => true;

const self: Policy = (caller, params) => params['user_id'] === caller.user.id;

/** Everybody of themselves. */
export const auditorOrSelf: Policy = (caller, params) => self(caller, params) || auditor(caller, params);
export const adminOrSelf: Policy = (caller, params) => self(caller, params) || admin(caller, params);

/** Everybody of the project their token is for. */
export const auditorOrOwnProject: Policy = (caller, params) =>
  auditor(caller, params) || (caller.scope.kind === 'project' && caller.scope.project.id === params['project_id']);

/** Everybody of the domain their token is of or in. */
export const auditorOrOwnDomain: Policy = (caller, params) =>
  auditor(caller, params) || domainOf(caller) === params['domain_id'];

/** The domain a token is for, or in which its project lies. */
export function domainOf({ scope }: Token): string | undefined {
  if (scope.kind === 'project') return scope.project.domain.id;
  return scope.kind === 'domain' ? scope.domain.id : undefined;
}
