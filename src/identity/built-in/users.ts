/** Users, what they may reach, and their passwords. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { row, type Asked, type Home, type IdentityRoute } from './asked.js';
import { bodyCheck, boolean, name, nullableId, text } from './collection/body-check.js';
import { listAnswer, type Collection } from './collection/collection.js';
import { narrowed, pageOf } from './collection/filters.js';
import { listItems, refTo, secretOf, setSecret, type Body, type Page } from './collection/items.js';
import { needItem } from './collection/needed.js';
import { admin, auditor, auditorOrSelf, domainOf } from './policies.js';
import { projects } from './projects/projects.js';
import { invalid, unauthorized } from './refusals.js';
import { deleteTokensOf } from './tokens/token-rows.js';

export const users: Collection = {
  kind: 'user',
  plural: 'users',
  fields: {
    name: name(),
    domain_id: nullableId,
    default_project_id: text,
    description: text,
    email: text,
    enabled: boolean,
    password: text,
    options: { type: 'object' },
  },
  required: ['name'],
  fixed: ['domain_id'],
  secret: 'password',
  defaults: ({ caller }) => ({ domain_id: domainOf(caller) ?? 'default', enabled: true, options: {} }),
  filters: { name: 'text', domain_id: 'text', enabled: 'boolean' },
  unique: (body) => [body['domain_id'], body['name']],
  conflictWords: (body) =>
    `Duplicate entry found with name ${String(body['name'])} at domain ID ${String(body['domain_id'])}`,
  policies: { list: auditor, show: auditorOrSelf, write: admin },
  view: userView,
  hooks: {
    update: async (tx, before, after) => {
      // What was logged in before stays out when the user is enabled again.
      if (before['enabled'] !== false && after['enabled'] === false)
        await deleteTokensOf(tx, refTo('user', String(after['id'])));
    },
  },
};

/** Passwords never expire here, and say so. */
function userView({ default_project_id: project, ...body }: Body): Body {
  return { ...body, ...(project ? { default_project_id: project } : {}), password_expires_at: null };
}

export const userRoutes: IdentityRoute[] = [
  row('GET /users/{user_id}/projects', 'list_user_projects', auditorOrSelf, async (home, asked) => {
    await needItem(home.database, 'user', userIn(asked));
    const page = pageOf(asked.query, projects.filters);
    return listAnswer('projects', await reachable(home, asked, 'project', userIn(asked), page), asked);
  }),
];

const userIn = (asked: Asked): string => asked.params['user_id'] ?? '';

const checkChange = bodyCheck({
  type: 'object',
  properties: { original_password: { type: 'string' }, password: { type: 'string' } },
  required: ['original_password', 'password'],
});

/**
 * `POST /users/{user_id}/password`: whoever knows the password may change it, with no token. It ends all tokens.
 * @throws Fault 401 for a wrong password, and for a user who does not exist
 */
export async function changePassword(home: Home, asked: Asked): Promise<OpenStackResponse> {
  const { user } = await asked.readJson();
  if (!isObject(user)) throw invalid("'user' is a required property");
  checkChange(user);
  const { original_password: original, password } = user as { original_password: string; password: string };
  const ref = refTo('user', userIn(asked));
  if (!(await home.secrets.matches(original, await secretOf(home.database, ref)))) {
    throw unauthorized(`${asked.publicUrl}/identity`);
  }
  const hash = await home.secrets.hash(password);
  await home.database.transaction(async (tx) => {
    await setSecret(tx, ref, hash);
    await deleteTokensOf(tx, ref);
    await home.tokensChanged(tx);
  });
  return noContent();
}

/** Enabled projects, or domains, on which a user has a role. */
export async function reachable(
  home: Home,
  asked: Asked,
  kind: 'project' | 'domain',
  userId: string,
  page: Page,
): Promise<Body[]> {
  const enabled = { ...page, conditions: [...page.conditions, `i.body->>'enabled' = 'true'`] };
  const reached = (at: string) => `i.ref in (select identity_reach(${at}))`;
  const items = await listItems(home.database, kind, narrowed(enabled, reached, refTo('user', userId)));
  return items.map(({ body, id }) => ({ ...body, links: { self: `${asked.url}/${kind}s/${id}` } }));
}
