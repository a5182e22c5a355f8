/** Aggregates: groups of sites, kept by the cascade alone. One with a zone is an availability zone over its sites. */
import { randomUUID } from 'node:crypto';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Queryable } from '../../database/database.js';
import { GlobalResources } from '../../resources/global.js';
import type { World } from '../../routing/world.js';
import { renameProblem, zoneProblem, type Aggregate } from './aggregate-rules.js';
import { checkAction, checkCreate, checkImages, checkUpdate } from './aggregate-schemas.js';
import { withLock } from '../../globals/lock.js';
import { novaTime } from './site-services.js';

const kind = 'aggregate';

export const aggregateRoutes = (world: World): Route[] => [
  route('GET /os-aggregates', 'admin', list(world)),
  route('POST /os-aggregates', 'admin', create(world)),
  route('GET /os-aggregates/{aggregate_id}', 'admin', show(world)),
  route('PUT /os-aggregates/{aggregate_id}', 'admin', update(world)),
  route('DELETE /os-aggregates/{aggregate_id}', 'admin', remove(world)),
  route('POST /os-aggregates/{aggregate_id}/action', 'admin', act(world)),
  route('POST /os-aggregates/{aggregate_id}/images', 'admin', cacheImages(world), { since: '2.81' }),
];

interface Turn {
  readonly world: World;
  readonly globals: GlobalResources;
  readonly tx: Queryable;
}

/** Changes of aggregates see each other: one at a time, each in one transaction. */
const inTurn = <T>(world: World, work: (globals: GlobalResources, tx: Queryable) => Promise<T>): Promise<T> =>
  withLock(world, kind, () =>
    world.database.transaction((tx) => work(new GlobalResources({ ...world.database, ...tx }), tx)),
  );

const all = async (globals: GlobalResources): Promise<Aggregate[]> =>
  (await globals.list(kind)).map((row) => row.body as Aggregate).sort((a, b) => a.id - b.id);

const one = async (globals: GlobalResources, id: number): Promise<Aggregate> => {
  const row = await globals.find(kind, String(id));
  if (!row) throw new Fault('not-found', `Aggregate ${id} could not be found.`);
  return row.body as Aggregate;
};

const store = async (globals: GlobalResources, aggregate: Aggregate): Promise<Aggregate> => {
  await globals.put(kind, String(aggregate.id), null, aggregate);
  return aggregate;
};

function idIn(asked: Asked): number {
  const text = asked.params['aggregate_id'] ?? '';
  if (!/^[+-]?\d+$/.test(text)) throw new Fault('bad-request', 'Invalid input received: id must be an integer');
  return Number(text);
}

const now = (): string => novaTime(new Date());

function view(asked: Asked, { uuid, ...aggregate }: Aggregate) {
  const { id, name, hosts, metadata, created_at, updated_at, availability_zone } = aggregate;
  const ids = atLeast(asked.microversion, '2.41') ? { id, uuid } : { id };
  return { ...ids, name, hosts, metadata, created_at, updated_at, deleted_at: null, deleted: false, availability_zone };
}

function list(world: World): Answer {
  return async (asked) =>
    json(200, { aggregates: (await all(world.globals)).map((aggregate) => view(asked, aggregate)) });
}

function show(world: World): Answer {
  return async (asked) => json(200, { aggregate: view(asked, await one(world.globals, idIn(asked))) });
}

function create(world: World): Answer {
  return async (asked) => {
    const body = await asked.readJson();
    checkCreate(body);
    const wanted = body['aggregate'] as { name: string; availability_zone?: string | null };
    const zone = wanted.availability_zone ?? null;
    const made = await inTurn(world, async (globals, tx) => {
      await requireFreeName(globals, wanted.name);
      const id = await nextId(tx);
      const metadata: Aggregate['metadata'] = zone === null ? {} : { availability_zone: zone };
      const aggregate = { id, uuid: randomUUID(), name: wanted.name, hosts: [], metadata, availability_zone: zone };
      return store(globals, { ...aggregate, created_at: now(), updated_at: null });
    });
    const { hosts: _hosts, metadata: _metadata, ...shown } = view(asked, made);
    return json(200, { aggregate: shown });
  };
}

/** Deleted rows count too, so that no id is given twice. */
async function nextId(tx: Queryable): Promise<number> {
  const sql = `select coalesce(max(id::int), 0) + 1 as id from global_resource where kind = $1`;
  return (await tx.one<{ id: number }>(sql, [kind])).id;
}

/** Names are compared as MySQL does, without regard to case. */
async function requireFreeName(globals: GlobalResources, name: string, own?: number): Promise<void> {
  const same = (await all(globals)).some(
    (other) => other.id !== own && other.name.toLowerCase() === name.toLowerCase(),
  );
  if (same) throw new Fault('conflict', `Aggregate ${name} already exists.`);
}

function update(world: World): Answer {
  return async (asked) => {
    const body = await asked.readJson();
    checkUpdate(body);
    const id = idIn(asked);
    const wanted = body['aggregate'] as { name?: string; availability_zone?: string | null };
    const changed = await inTurn(world, async (globals, tx) => {
      const turn = { world, globals, tx };
      const aggregate = await one(globals, id);
      const name = wanted.name?.trim() ?? aggregate.name;
      await requireFreeName(globals, name, id);
      const { availability_zone: zone } = wanted;
      const metadata: Record<string, string | null> = zone === undefined ? {} : { availability_zone: zone };
      const next = await withMetadata(turn, { ...aggregate, name }, metadata, `Cannot update aggregate ${id}`);
      return store(globals, next);
    });
    return json(200, { aggregate: view(asked, changed) });
  };
}

/** Null takes a key away. @throws Fault 400 where the zone cannot be as asked */
async function withMetadata(
  { world, globals, tx }: Turn,
  aggregate: Aggregate,
  wanted: Record<string, string | null>,
  refused: string,
): Promise<Aggregate> {
  const zone = wanted['availability_zone'];
  if (zone !== undefined) {
    const problem =
      zoneProblem(world, await all(globals), aggregate, zone, aggregate.hosts) ??
      (await renameProblem(world, tx, aggregate, zone ?? ''));
    if (problem) throw new Fault('bad-request', `${refused}. Reason: ${problem}.`);
  }
  const merged = Object.entries({ ...aggregate.metadata, ...wanted }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  const metadata = Object.fromEntries(merged);
  return { ...aggregate, metadata, availability_zone: metadata['availability_zone'] ?? null, updated_at: now() };
}

function remove(world: World): Answer {
  return async (asked) => {
    const id = idIn(asked);
    await inTurn(world, async (globals) => {
      const { hosts } = await one(globals, id);
      if (hosts.length > 0) {
        throw new Fault('bad-request', `Cannot remove host from aggregate ${id}. Reason: Host aggregate is not empty.`);
      }
      await globals.remove(kind, String(id));
    });
    return noContent(200);
  };
}

function act(world: World): Answer {
  return async (asked) => {
    const body = await asked.readJson();
    const [action = '', ...others] = Object.keys(body);
    if (action === '' || others.length > 0) throw new Fault('bad-request', 'Malformed request body');
    if (!Object.hasOwn(checkAction, action)) throw new Fault('bad-request', `There is no such action: ${action}`);
    const known = action as keyof typeof checkAction;
    checkAction[known](body);
    const id = idIn(asked);
    const changed = await inTurn(world, async (globals, tx) =>
      store(globals, await actions[known]({ world, globals, tx }, id, body[known])),
    );
    return json(200, { aggregate: view(asked, changed) });
  };
}

type Action = (turn: Turn, id: number, wanted: unknown) => Promise<Aggregate>;

const actions = {
  add_host: async ({ world, globals }, id, wanted) => {
    const { host } = wanted as { host: string };
    if (!world.sites.byName(host)) throw new Fault('not-found', `Compute host ${host} could not be found.`);
    const aggregate = await one(globals, id);
    const { availability_zone: zone, hosts } = aggregate;
    const problem = zone === null ? undefined : zoneProblem(world, await all(globals), aggregate, zone, [host]);
    if (problem) throw new Fault('conflict', `Cannot add host to aggregate ${id}. Reason: ${problem}.`);
    if (hosts.includes(host)) throw new Fault('conflict', `Aggregate ${id} already has host ${host}.`);
    return { ...aggregate, hosts: [...hosts, host] };
  },

  // The host may be a site that has left the cascade meanwhile.
  remove_host: async ({ globals }, id, wanted) => {
    const { host } = wanted as { host: string };
    const refused = new Fault('not-found', `Cannot remove host ${host} in aggregate ${id}`);
    const aggregate = await one(globals, id).catch(() => Promise.reject(refused));
    if (!aggregate.hosts.includes(host)) throw refused;
    return { ...aggregate, hosts: aggregate.hosts.filter((other) => other !== host) };
  },

  set_metadata: async (turn, id, wanted) => {
    const { metadata } = wanted as { metadata: Record<string, string | null> };
    return withMetadata(turn, await one(turn.globals, id), metadata, `Cannot update metadata of aggregate ${id}`);
  },
} satisfies Record<keyof typeof checkAction, Action>;

/** Nova's 202 would mean images cached on hosts that only a site can reach. */
function cacheImages(world: World): Answer {
  return async (asked) => {
    checkImages(await asked.readJson());
    const { name } = await one(world.globals, idIn(asked));
    const words = `Images cannot be cached ahead on the hosts of aggregate ${name}: its hosts are sites, and each caches images by itself.`;
    throw new Fault('not-implemented', words);
  };
}
