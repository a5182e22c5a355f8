/** What is in the body of a request that makes or changes something. @see openstack/neutron:neutron/api/v2/base.py prepare_request_body */
import { isObject, MalformedBody } from '@cascade/openstack-protocol/server/body.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { badRequest } from './faults.js';

/** `{network: {…}}`, or `{networks: [{…}]}` where many are made at once. */
type Wanted = { readonly one: Record<string, unknown> } | { readonly many: readonly Record<string, unknown>[] };

/** @throws Fault 400 */
export async function readCreation(asked: Asked, key: string, keys: string): Promise<Wanted> {
  const body = await readBody(asked);
  // What is called alike in both is one.
  if (key === keys || !Object.hasOwn(body, keys)) return { one: resourceIn(body, key) };
  const listed = body[keys];
  const isEmpty = isObject(listed) ? Object.keys(listed).length === 0 : !listed;
  if (isEmpty || (Array.isArray(listed) && listed.length === 0)) throw badRequest('Resources required');
  if (!Array.isArray(listed)) throw badRequest(`Object '${key}' contains invalid data`);
  return {
    many: listed.map((item) => resourceIn(isObject(item) && key in item ? item : { [key]: item as unknown }, key)),
  };
}

/** @throws Fault 400 */
export const readUpdate = async (asked: Asked, key: string): Promise<Record<string, unknown>> =>
  resourceIn(await readBody(asked), key);

async function readBody(asked: Asked): Promise<Record<string, unknown>> {
  try {
    return await asked.readJson();
  } catch (error) {
    if (error instanceof MalformedBody) throw badRequest('Body contains invalid data');
    throw error;
  }
}

function resourceIn(body: Record<string, unknown>, key: string): Record<string, unknown> {
  const found = body[key];
  if (isObject(found)) return found;
  if (found === null || found === undefined) throw badRequest(`Unable to find '${key}' in request body`);
  throw badRequest(`Object '${key}' contains invalid data`);
}
