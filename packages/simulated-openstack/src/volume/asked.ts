/** Reading what Cinder is given. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { pythonRepr } from '@cascade/openstack-protocol/compute/nova-schema.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { invalidField, noSuch, required } from '@cascade/openstack-adapter/volume/refusals.js';
import type { Words } from './volume.js';

/** The dictionary under a key of the body. @throws Fault 400 */
export const bodyUnder = async (asked: Asked, key: string): Promise<Record<string, unknown>> =>
  dictionaryAt(await asked.readJson(), key);

/** @throws Fault 400 */
export function dictionaryAt(body: Record<string, unknown>, key: string): Record<string, unknown> {
  const given = body[key];
  if (given === undefined) throw required(key);
  if (!isObject(given)) throw invalidField(key, given, `${pythonRepr(given)} is not of type 'object'`);
  return given;
}

/** Text, or null where there is none. @throws Fault 400 */
export function textOrNone(given: Record<string, unknown>, name: string, longest = 255): string | null {
  const value = given[name] ?? null;
  if (value !== null && typeof value !== 'string')
    throw invalidField(name, value, `${JSON.stringify(value)} is not of type 'string', 'null'`);
  if (value !== null && value.length > longest) throw invalidField(name, value, `'${value}' is too long`);
  return value;
}

/** GiB. @throws Fault 400 */
export function sizeOf(value: unknown, name: string): number {
  const text = String(value);
  if (!/^\d+$/.test(text)) throw invalidField(name, value, `'${text}' does not match '^[0-9]+$'`);
  if (Number(text) < 1) throw invalidField(name, value, `${text} is less than the minimum of 1`);
  return Number(text);
}

/** What the database holds of integers. */
const mostInt = 2_147_483_647;

/** @throws Fault 400 @see openstack/oslo.utils:oslo_utils/strutils.py validate_integer */
export function integerOf(name: string, value: unknown, least: number): number {
  const text = String(value);
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw new Fault('bad-request', `${name} must be an integer`);
  if (Number(text) < least) throw new Fault('bad-request', `${name} must be >= ${least}`);
  if (Number(text) > mostInt) throw new Fault('bad-request', `${name} must be <= ${mostInt}`);
  return Number(text);
}

/** @throws Fault 400 */
export function wordsOf(value: unknown, name = 'metadata'): Words {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw invalidField(name, value, `${JSON.stringify(value)} is not of type 'object'`);
  for (const [key, word] of Object.entries(value)) {
    if (key.length === 0 || key.length > 255)
      throw invalidField(name, value, `'${key}' does not match any of the regexes: '^[a-zA-Z0-9-_:. ]{1,255}$'`);
    if (typeof word !== 'string') throw invalidField(key, word, `${JSON.stringify(word)} is not of type 'string'`);
  }
  return value as Words;
}

/** A row of the caller's project, or any for an administrator. @throws Fault 404 */
export function requireRow<T extends { id: string; projectId: string }>(
  rows: ReadonlyMap<string, T>,
  word: string,
  { caller }: Asked,
  id: unknown,
): T {
  const row = typeof id === 'string' ? rows.get(id) : undefined;
  if (!row || (!caller.isAdmin && row.projectId !== caller.projectId)) throw noSuch(word, String(id));
  return row;
}
