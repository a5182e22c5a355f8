/** Application credentials: a secret of its own for a program, with some of its user's roles in one project. */
import { randomBytes } from 'node:crypto';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import { violationOf } from '../../../database/errors.js';
import { accessRulesSchema, keepRules } from './access-rules.js';
import { row, type AskedByCaller, type Home, type IdentityRoute } from '../asked.js';
import { bodyCheck, idString, name, text } from '../collection/body-check.js';
import { listAnswer } from '../collection/collection.js';
import { namedRoles, roleReferences } from './delegated-roles.js';
import { expiryOf } from './expiry.js';
import { narrowed, pageOf } from '../collection/filters.js';
import { deleteItem, findItem, insertItem, listItems, newId, type Body, type Item } from '../collection/items.js';
import { adminOrSelf, auditorOrSelf } from '../policies.js';
import { conflict, forbidden, forbiddenAction, invalid } from '../refusals.js';
import { projectIdOf, type Token } from '../tokens/token.js';

const checkNew = bodyCheck({
  type: 'object',
  properties: {
    id: idString,
    name: name(),
    description: text,
    secret: text,
    expires_at: text,
    unrestricted: { type: ['boolean', 'null'] },
    project_id: idString,
    roles: roleReferences,
    access_rules: accessRulesSchema,
  },
  required: ['name'],
  additionalProperties: false,
});

const all = '/users/{user_id}/application_credentials';
const one = `${all}/{application_credential_id}`;

export const applicationCredentialRoutes: IdentityRoute[] = [
  row(`GET ${all}`, 'list_application_credentials', auditorOrSelf, list),
  row(`POST ${all}`, 'create_application_credential', (caller, { user_id }) => caller.user.id === user_id, create),
  row(`GET ${one}`, 'get_application_credential', auditorOrSelf, async (home, asked) =>
    json(200, { application_credential: view(await need(home, asked), asked) }),
  ),
  row(`DELETE ${one}`, 'delete_application_credential', adminOrSelf, async (home, asked) => {
    refuseRestricted(asked.caller);
    const { id } = await need(home, asked);
    await home.database.transaction(async (tx) => {
      await deleteItem(tx, 'application_credential', id);
      await home.tokensChanged(tx);
    });
    return noContent();
  }),
];

async function list(home: Home, asked: AskedByCaller): Promise<OpenStackResponse> {
  refuseTrust(asked.caller);
  const page = pageOf(asked.query, { name: 'text' });
  const mine = narrowed(page, (at) => `i.body->>'user_id' = ${at}`, asked.params['user_id']);
  const items = await listItems(home.database, 'application_credential', mine);
  return listAnswer(
    'application_credentials',
    items.map((item) => view(item, asked)),
    asked,
  );
}

async function create(home: Home, asked: AskedByCaller): Promise<OpenStackResponse> {
  const { application_credential: given } = await asked.readJson();
  if (!isObject(given)) throw invalid("'application_credential' is a required property");
  checkNew(given);
  const { caller } = asked;
  refuseTrust(caller);
  refuseRestricted(caller);
  const projectId = projectIdOf(caller);
  if (projectId === undefined) throw invalid('Invalid application credential: a project-scoped token is required');
  const generated = randomBytes(64).toString('base64url');
  // An empty one is none. @see openstack/keystone:keystone/api/users.py UserAppCredListCreateResource.post
  const secret = typeof given['secret'] === 'string' && given['secret'] !== '' ? given['secret'] : generated;
  const body = {
    id: newId(),
    name: given['name'],
    description: given['description'] ?? null,
    user_id: caller.user.id,
    project_id: projectId,
    system: null,
    roles: await rolesFor(home, caller, (given['roles'] ?? []) as Body[]),
    expires_at: expiryOf(given['expires_at']),
    unrestricted: given['unrestricted'] === true,
  };
  const hash = await home.secrets.hash(secret, secret === generated);
  const uniqueKey = JSON.stringify([caller.user.id, body.name]);
  try {
    const made = await home.database.transaction(async (tx) => {
      const rules = await keepRules(tx, caller.user.id, (given['access_rules'] ?? []) as Body[]);
      const complete = { ...body, ...(rules.length > 0 ? { access_rules: rules } : {}) };
      return insertItem(tx, { kind: 'application_credential', id: body.id, body: complete, uniqueKey, secret: hash });
    });
    return json(201, { application_credential: { ...view(made, asked), secret } });
  } catch (error) {
    if (violationOf(error)?.kind !== 'unique') throw error;
    throw conflict('application_credential', `Duplicate entry found with name ${body.name}`);
  }
}

/** All of the token's roles, or those of them that are asked for. @throws Fault 400, 404 */
async function rolesFor(home: Home, { roles }: Token, asked: readonly Body[]): Promise<Body[]> {
  const wanted = asked.length > 0 ? asked : roles.map(({ id }) => ({ id }));
  const found = await namedRoles(home.database, wanted);
  if (found.some(({ id }) => !roles.some((role) => role.id === id))) {
    throw invalid('Invalid application credential: Cannot create an application credential with unassigned role');
  }
  return found.map(({ body }) => body);
}

/** Of its own user alone, whatever user the path names. @throws Fault 404 */
async function need(home: Home, { params, caller }: AskedByCaller): Promise<Item> {
  refuseTrust(caller);
  const id = params['application_credential_id'] ?? '';
  const item = await findItem(home.database, 'application_credential', id);
  if (!item || item.body['user_id'] !== params['user_id']) throw notFound('Application Credential', id);
  return item;
}

/** @throws Fault 403 for a token of a credential that may not make or end others */
function refuseRestricted({ applicationCredential }: Token): void {
  if (!applicationCredential || applicationCredential['unrestricted'] === true) return;
  throw forbiddenAction(
    "Using method 'application_credential' is not allowed for managing additional application credentials.",
  );
}

/** @throws Fault 403: the credential would outlive the trust */
function refuseTrust({ trust }: Token): void {
  if (trust) throw forbidden('Cannot manage application credentials with a token issued via delegation.');
}

function view({ id, body }: Item, asked: AskedByCaller): Body {
  const { user_id: user, expires_at: end, ...shown } = body;
  // Keystone writes this one time without its zone.
  const expiresAt = typeof end === 'string' ? end.replace(/Z$/, '') : null;
  return {
    ...shown,
    expires_at: expiresAt,
    links: { self: `${asked.url}/users/${String(user)}/application_credentials/${id}` },
  };
}
