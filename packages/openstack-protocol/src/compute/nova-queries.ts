/** What lists of small collections may be asked for. @see openstack/nova:nova/api/openstack/compute/schemas */
import { atLeast } from '../microversion.js';
import { queryCheck } from './nova-schema.js';
import { multiParams, nonNegativeInteger } from './parameter-types.js';
import type { Asked } from '../server/route.js';

/** From 2.75 on nothing else may be asked. */
function checkOf(properties: object): (asked: Asked) => void {
  const check = queryCheck({ type: 'object', properties });
  const strict = queryCheck({ type: 'object', properties, additionalProperties: false });
  return ({ microversion, query }) => (atLeast(microversion, '2.75') ? strict : check)(query);
}

const text = multiParams({ type: 'string' });
const number = multiParams(nonNegativeInteger);

const flavorSortKeys = [
  'created_at',
  'description',
  'disabled',
  'ephemeral_gb',
  'flavorid',
  'id',
  'is_public',
  'memory_mb',
  'name',
  'root_gb',
  'rxtx_factor',
  'swap',
  'updated_at',
  'vcpu_weight',
  'vcpus',
];

const flavorQuery = (sortKeys: readonly string[]) => ({
  limit: number,
  marker: text,
  is_public: text,
  minRam: text,
  minDisk: text,
  sort_key: multiParams({ type: 'string', enum: sortKeys }),
  sort_dir: multiParams({ type: 'string', enum: ['asc', 'desc'] }),
});
const checkOlderFlavorQuery = checkOf(flavorQuery(flavorSortKeys));
const checkNewerFlavorQuery = checkOf({
  ...flavorQuery(flavorSortKeys.filter((key) => key !== 'rxtx_factor')),
  name: text,
});

/** @throws Fault 400 */
export const checkFlavorQuery = (asked: Asked): void =>
  (atLeast(asked.microversion, '2.102') ? checkNewerFlavorQuery : checkOlderFlavorQuery)(asked);

/** From 2.35 on, when the list has pages. @throws Fault 400 */
export const checkKeyPairQuery = checkOf({ user_id: text, limit: number, marker: text });

/** @throws Fault 400 */
export const checkServerGroupQuery = checkOf({ all_projects: text, limit: number, offset: number });
