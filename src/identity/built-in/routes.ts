/** Every path of the built-in identity. What is not built is refused by name. */
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { accessRuleRoutes } from './delegation/access-rules.js';
import { applicationCredentialRoutes } from './delegation/application-credentials.js';
import type { Asked, Home, IdentityRoute } from './asked.js';
import { authRoutes } from './tokens/auth-routes.js';
import { endpoints, policyBlobs, regions, services } from './catalog/catalog-collections.js';
import { collectionRoutes } from './collection/collection-routes.js';
import { domains } from './projects/domains.js';
import { grantRoutes } from './assignments/grants.js';
import { groups, memberRoutes } from './groups.js';
import { login } from './tokens/login.js';
import { projects } from './projects/projects.js';
import { roleAssignmentRoutes } from './assignments/role-assignments.js';
import { impliedRoleRoutes, roles } from './assignments/roles.js';
import { tagRoutes } from './projects/tags.js';
import { trustRoutes } from './delegation/trusts.js';
import { changePassword, userRoutes, users } from './users.js';

/** Answers without a token: what is sent proves who asks. */
export interface OpenRoute {
  readonly method: string;
  readonly path: string;
  run(home: Home, asked: Asked): Promise<OpenStackResponse>;
}

export const openRoutes: OpenRoute[] = [
  { method: 'POST', path: '/auth/tokens', run: login },
  { method: 'POST', path: '/users/{user_id}/password', run: changePassword },
];

const collections = [domains, projects, users, groups, roles, regions, services, endpoints, policyBlobs];

export const routes: IdentityRoute[] = [
  ...authRoutes,
  ...collections.flatMap(collectionRoutes),
  ...userRoutes,
  ...memberRoutes,
  ...tagRoutes,
  ...impliedRoleRoutes,
  ...grantRoutes,
  ...roleAssignmentRoutes,
  ...applicationCredentialRoutes,
  ...accessRuleRoutes,
  ...trustRoutes,
];

/** What Keystone has and this identity has not, by the beginning of its paths. */
const missing: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^\/(auth\/)?OS-FEDERATION\//, 'federation'],
  [/^\/OS-OAUTH[12]\//, 'OAuth'],
  [/^\/OS-EP-FILTER\//, 'endpoint filters'],
  [/^\/(policies|endpoints)\/[^/]+\/OS-ENDPOINT-POLICY\//, 'endpoint policies'],
  [/^\/users\/[^/]+\/(credentials\/OS-EC2|OS-OAUTH1)/, 'EC2 credentials and OAuth'],
  [/^\/(credentials|ec2tokens|s3tokens)/, 'credentials of other kinds (EC2, TOTP)'],
  [/^\/domains\/(config|[^/]+\/config)/, 'configuration of single domains'],
  [/^\/(registered_limits|limits)/, 'unified limits'],
];

export const whatIsMissing = (path: string): string | undefined => missing.find(([pattern]) => pattern.test(path))?.[1];
