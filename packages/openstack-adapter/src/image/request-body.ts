/** Bodies as Glance reads them, whatever their content type. @see openstack/glance:glance/common/wsgi.py JSONRequestDeserializer */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';

type Json = Record<string, unknown> | readonly unknown[];

/** @throws Fault 400 for what is neither an object nor a list */
export async function bodyOf(asked: Asked): Promise<Json> {
  const raw = await asked.readBody();
  if (raw.length === 0) throw new Fault('bad-request', 'Body expected in request.');
  const parsed = parse(raw);
  if (typeof parsed === 'object' && parsed !== null) return parsed as Json;
  throw new Fault('bad-request', 'Unexpected body type. Expected list/dict.');
}

function parse(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString());
  } catch {
    throw new Fault('bad-request', 'Malformed JSON in request body.');
  }
}

/** @param instead what Glance says of a list, where it does not fail. @throws Fault 400, 500 as Glance does for a list */
export async function objectOf(asked: Asked, instead?: string): Promise<Record<string, unknown>> {
  const body = await bodyOf(asked);
  if (isObject(body)) return body;
  if (instead !== undefined) throw new Fault('bad-request', instead);
  throw new Fault('internal', 'The server has either erred or is incapable of performing the requested operation.');
}
