/**
 * `cascade_copy_mode` among an image's properties: an administrator's word on when it is copied to other sites, as `cascade
 * image policy --image` says it. The property is kept by the image's site like any other; what counts is what was written
 * through the cascade, since a snapshot inherits properties and a site lets anybody write them.
 */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { modes, type CopyMode } from '../copies/policy.js';

export const modeProperty = 'cascade_copy_mode';

/**
 * The word in the body of a create. Undefined where there is none.
 * @throws Fault 400; 403 from whom it is not to say, in Glance's words for a protected property
 */
export function modeOfNew(caller: Caller, raw: Buffer): CopyMode | undefined {
  const body = tryJson(raw);
  if (!isObject(body) || !(modeProperty in body)) return undefined;
  requireAdmin(caller);
  return modeIn(body[modeProperty]);
}

/** The last word in a JSON patch, of either dialect; null takes it back. @throws Fault 400, 403 */
export function modeOfPatch(caller: Caller, raw: Buffer): CopyMode | null | undefined {
  const body = tryJson(raw);
  const steps = Array.isArray(body) ? body.filter(isObject).filter((step) => pathOf(step) === `/${modeProperty}`) : [];
  const last = steps.at(-1);
  if (!last) return undefined;
  requireAdmin(caller);
  return isRemoval(last) ? null : modeIn(last['value']);
}

/** `{op, path}` since v2.1, `{replace: path}` before. @see openstack/glance:glance/api/v2/images.py _get_change_operation_d4 */
const pathOf = (step: Record<string, unknown>): unknown =>
  step['path'] ?? step['add'] ?? step['replace'] ?? step['remove'];
const isRemoval = (step: Record<string, unknown>): boolean => step['op'] === 'remove' || 'remove' in step;

/** @see openstack/glance:glance/common/exception.py ReservedProperty */
function requireAdmin({ isAdmin }: Caller): void {
  if (!isAdmin) throw new Fault('forbidden', `Attribute '${modeProperty}' is reserved.`);
}

function modeIn(value: unknown): CopyMode {
  const mode = modes.find((one) => one === value);
  if (mode) return mode;
  const known = modes.map((one) => `'${one}'`).join(', ');
  const shown = typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
  throw new Fault('bad-request', `Provided object does not match schema 'image': ${shown} is not one of [${known}]`);
}
