/** One engine for everything that is listed, made, shown, changed and deleted in the same way. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import type { Queryable } from '../../../database/queryable.js';
import { row, type Asked, type AskedByCaller, type Home, type IdentityRoute } from '../asked.js';
import { bodyCheck } from './body-check.js';
import { listAnswer, memberOf, uniqueKeyOf, viewOf, type Collection } from './collection.js';
import { pageOf } from './filters.js';
import { deleteItem, findItem, insertItem, listItems, lockItem, newId, setSecret, updateItem } from './items.js';
import type { Body, Item } from './items.js';
import { forbidden, invalid } from '../refusals.js';
import { storing } from './storing.js';
import { deleteTokensOf } from '../tokens/token-rows.js';

/** The five routes of a collection. */
export function collectionRoutes(plain: Collection): IdentityRoute[] {
  const { plural, policies } = plain;
  const member = memberOf(plain);
  const path = `${plain.prefix ?? ''}/${plural}`;
  const one = `${path}/{${member}_id}`;
  const bodyToCreate = bodyReader(plain, { required: plain.required });
  const bodyToUpdate = bodyReader(plain, { minProperties: 1 });
  const idIn = (asked: Asked): string => asked.params[`${member}_id`] ?? '';
  return [
    row(`GET ${path}`, `list_${plural}`, policies.list, (home, asked) => list(plain, home, asked)),
    row(`POST ${path}`, `create_${member}`, policies.write, async (home, asked) => {
      const body = await bodyToCreate(asked);
      const of = plain.otherwise?.create(body) ? plain.otherwise.of : plain;
      return json(201, { [member]: viewOf(of, (await createItem(of, home, asked, body)).body, asked) });
    }),
    row(`GET ${one}`, `get_${member}`, policies.show, async (home, asked) => {
      const { of, item } = await need(plain, home.database, idIn(asked));
      const body = (await of.expand?.(home, item, asked)) ?? item.body;
      return json(200, { [member]: viewOf(of, body, asked) });
    }),
    row(`PATCH ${one}`, `update_${member}`, policies.write, async (home, asked) => {
      const { of } = await need(plain, home.database, idIn(asked));
      return json(200, { [member]: viewOf(of, await change(of, home, idIn(asked), await bodyToUpdate(asked)), asked) });
    }),
    ...(plain.ownIds ? [putRoute(plain, one, idIn)] : []),
    row(`DELETE ${one}`, `delete_${member}`, policies.write, async (home, asked) => {
      const { of } = await need(plain, home.database, idIn(asked));
      await removeItem(of, home, idIn(asked));
      return noContent();
    }),
  ];
}

/** Its maker says the id in the path. */
function putRoute(of: Collection, one: string, idIn: (asked: Asked) => string): IdentityRoute {
  const member = memberOf(of);
  const read = bodyReader(of, { required: of.required });
  return row(`PUT ${one}`, `create_${member}`, of.policies.write, async (home, asked) => {
    const body = await read(asked);
    if (body['id'] !== undefined && body['id'] !== idIn(asked)) throw invalid(`Conflicting ${member} IDs specified`);
    const made = await createItem(of, home, asked, { ...body, id: idIn(asked) });
    return json(201, { [member]: viewOf(of, made.body, asked) });
  });
}

/** The row, and the collection that knows its kind. @throws Fault 404 */
async function need(of: Collection, db: Queryable, id: string): Promise<{ of: Collection; item: Item }> {
  const item = await findItem(db, of.kind, id);
  if (item) return { of, item };
  const other = of.otherwise && (await findItem(db, of.otherwise.of.kind, id));
  if (of.otherwise && other) return { of: of.otherwise.of, item: other };
  throw notFound(memberOf(of), id);
}

/** Reads what stands below the member's name. @throws Fault 400 */
export function bodyReader(of: Collection, also: object): (asked: Asked) => Promise<Body> {
  const check = bodyCheck({ type: 'object', properties: { id: { type: 'string' }, ...of.fields }, ...also });
  const member = memberOf(of);
  return async (asked) => {
    const body = (await asked.readJson())[member];
    if (!isObject(body)) throw invalid(`'${member}' is a required property`);
    check(body);
    return body;
  };
}

async function list(plainly: Collection, home: Home, asked: AskedByCaller): Promise<OpenStackResponse> {
  const of = plainly.otherwise?.list(asked.query) ? plainly.otherwise.of : plainly;
  const plain = pageOf(asked.query, of.filters);
  const page = of.narrow ? of.narrow(plain, asked) : plain;
  if (page.marker !== undefined && !(await findItem(home.database, of.kind, page.marker))) {
    throw new Fault('not-found', `Marker ${page.marker} could not be found.`);
  }
  const items = await listItems(home.database, of.kind, page);
  const bodies = items.map(({ body }) => viewOf(of, body, asked));
  const last = items.at(-1);
  const isFull = page.limit !== undefined && items.length === page.limit;
  return listAnswer(of.plural, bodies, asked, isFull && last ? nextPage(asked, last.id) : null);
}

function nextPage(asked: Asked, marker: string): string {
  const query = new URLSearchParams(asked.query);
  query.set('marker', marker);
  return `${asked.publicUrl}/identity${asked.pathAndQuery.split('?', 1)[0]}?${query.toString()}`;
}

/** @throws Fault 400, 404 for what it refers to, 409 */
export async function createItem(of: Collection, home: Home, asked: AskedByCaller, given: Body): Promise<Item> {
  const { plain, hash } = await splitSecret(of, home, given);
  const id = (of.ownIds && plain['id']) || newId();
  const complete: Body = { ...of.defaults?.(asked), ...plain, id };
  return home.database.transaction(async (tx) => {
    const body = (await of.hooks?.create?.(tx, complete, asked)) ?? complete;
    const item = { kind: of.kind, id: String(body['id']), body, uniqueKey: uniqueKeyOf(of, body), secret: hash };
    return storing(tx, of, body, () => insertItem(tx, item));
  });
}

async function splitSecret(
  of: Collection,
  home: Home,
  given: Body,
): Promise<{ plain: Body; hash: string | undefined }> {
  if (of.secret === undefined || !(of.secret in given)) return { plain: given, hash: undefined };
  const { [of.secret]: secret, ...plain } = given;
  return { plain, hash: typeof secret === 'string' ? await home.secrets.hash(secret) : undefined };
}

async function change(of: Collection, home: Home, id: string, given: Body): Promise<Body> {
  const { plain, hash } = await splitSecret(of, home, given);
  return home.database.transaction(async (tx) => {
    const item = await lockItem(tx, of.kind, id);
    if (!item) throw notFound(memberOf(of), id);
    const before = item.body;
    for (const field of ['id', ...(of.fixed ?? [])]) {
      if (field in plain && plain[field] !== before[field]) throw invalid(`Cannot change ${field} of a ${of.kind}`);
    }
    const wanted = { ...before, ...plain, ...(before['options'] ? { options: mergedOptions(before, plain) } : {}) };
    if (isImmutable(before) && isImmutable(wanted)) throw immutable(of, id);
    const after = (await of.hooks?.update?.(tx, before, wanted)) ?? wanted;
    await storing(tx, of, after, () => updateItem(tx, item.ref, after, uniqueKeyOf(of, after)));
    if (hash !== undefined) {
      await setSecret(tx, item.ref, hash);
      await deleteTokensOf(tx, item.ref);
    }
    await home.tokensChanged(tx);
    return after;
  });
}

/** An option that is set to null is taken away. */
function mergedOptions(before: Body, change: Body): Body {
  const options = { ...(before['options'] as Body), ...(change['options'] as Body | undefined) };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}

const isImmutable = (body: Body): boolean => (body['options'] as Body | undefined)?.['immutable'] === true;

/** @see openstack/keystone:keystone/exception.py ResourceUpdateForbidden, its unclosed quote included */
const immutable = (of: Collection, id: string): Fault =>
  forbidden(`Unable to update immutable ${of.kind} resource: \`${id}. Set resource option "immutable" to false first.`);

/** @throws Fault 403 where it may not go, 404 */
export async function removeItem(of: Collection, home: Home, id: string): Promise<void> {
  await home.database.transaction(async (tx) => {
    const item = await lockItem(tx, of.kind, id);
    if (!item) throw notFound(memberOf(of), id);
    if (isImmutable(item.body)) throw immutable(of, id);
    await of.hooks?.remove?.(tx, item);
    await storing(tx, of, item.body, () => deleteItem(tx, of.kind, id), 'remove');
    await home.tokensChanged(tx);
  });
}
