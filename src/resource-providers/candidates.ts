/** `GET /allocation_candidates`: the sites that have room for what is asked, whole. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import type { World } from '../routing/world.js';
import { fresh } from './answers.js';
import { providersOf, type Provider } from './providers.js';
import { asksForNone, checkParameters, hasRoomFor, parseResources } from './query.js';

const suffix = '([1-9][0-9]*|[a-zA-Z0-9_-]{1,64})?$';
const parameters = [
  [/^resources$/, '1.10'],
  [/^limit$/, '1.16'],
  [/^required$/, '1.17'],
  [/^member_of$/, '1.21'],
  [/^group_policy$/, '1.25'],
  [new RegExp(`^(resources|required|member_of)${suffix}`), '1.25'],
  [new RegExp(`^in_tree${suffix}`), '1.31'],
  [/^root_required$/, '1.35'],
  [/^same_subtree$/, '1.36'],
] as const;

export function listCandidates(world: World): Answer {
  return async (asked) => {
    checkParameters(asked, parameters);
    const groups = resourceGroups(asked);
    const wanted = total([...groups.values()]);
    const found = providersOf(world).filter((one) => matches(asked, one) && hasRoomFor(one, wanted));
    const limited = found.slice(0, limitOf(asked));
    return fresh(asked, {
      allocation_requests: limited.map((one) => allocation(asked, one, wanted, [...groups.keys()])),
      provider_summaries: Object.fromEntries(limited.map((one) => [one.uuid, summary(asked, one, wanted)])),
    });
  };
}

/** What each group of the request wants, by the group's suffix. A site is one provider, so one serves them all. */
function resourceGroups(asked: Asked): Map<string, Record<string, number>> {
  const groups = new Map<string, Record<string, number>>();
  for (const [name, value] of asked.query) {
    if (name.startsWith('resources')) groups.set(name.slice('resources'.length), parseResources(value));
  }
  if (groups.size === 0)
    throw new Fault('bad-request', 'There must be at least one resources or resources[$S] parameter.');
  if (asked.query.get('group_policy') === null && [...groups.keys()].filter(Boolean).length > 1) {
    const words = 'The "group_policy" parameter is required when specifying more than one "resources{N}" parameter.';
    throw new Fault('bad-request', words);
  }
  return groups;
}

function total(groups: readonly Record<string, number>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const group of groups) for (const [name, amount] of Object.entries(group)) sum[name] = (sum[name] ?? 0) + amount;
  return sum;
}

function matches(asked: Asked, provider: Provider): boolean {
  const valuesOf = (word: string) =>
    [...asked.query].filter(([name]) => name.startsWith(word)).map(([, value]) => value);
  const trees = valuesOf('in_tree');
  const numbered = [...asked.query.keys()].filter((name) => /^resources./.test(name));
  // Groups that must be on providers of their own find none: a site has no others beside it.
  if (asked.query.get('group_policy') === 'isolate' && numbered.length > 1) return false;
  return (
    asksForNone([...valuesOf('required'), ...valuesOf('root_required'), ...valuesOf('member_of')]) &&
    trees.every((tree) => tree === provider.uuid)
  );
}

function limitOf(asked: Asked): number | undefined {
  const limit = asked.query.get('limit');
  if (limit === null) return undefined;
  if (/^[1-9]\d*$/.test(limit)) return Number(limit);
  throw new Fault('bad-request', `Invalid query string parameters: '${limit}' does not match '^[1-9][0-9]*$'`);
}

function allocation(asked: Asked, { uuid }: Provider, resources: Record<string, number>, suffixes: readonly string[]) {
  if (!atLeast(asked.microversion, '1.12')) return { allocations: [{ resource_provider: { uuid }, resources }] };
  const mappings = Object.fromEntries(suffixes.map((one) => [one, [uuid]]));
  return { allocations: { [uuid]: { resources } }, ...(atLeast(asked.microversion, '1.34') ? { mappings } : {}) };
}

function summary(asked: Asked, { uuid, stocks }: Provider, wanted: Record<string, number>) {
  const version = asked.microversion;
  const shown = Object.entries(stocks).filter(([name]) => atLeast(version, '1.27') || Object.hasOwn(wanted, name));
  return {
    resources: Object.fromEntries(shown.map(([name, { total: capacity, used }]) => [name, { capacity, used }])),
    ...(atLeast(version, '1.17') ? { traits: [] } : {}),
    ...(atLeast(version, '1.29') ? { parent_provider_uuid: null, root_provider_uuid: uuid } : {}),
  };
}
