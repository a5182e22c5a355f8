/**
 * Ids in capitals: the services' databases take them for the same, and keep them in small letters, or as the client wrote
 * them who chose one. Here they are keys, so a path that spells one otherwise is spelled as the id is kept.
 */
import type { Asked, Route } from '@cascade/openstack-protocol/server/route.js';
import { idAsKept } from '@cascade/openstack-protocol/filters/text-collation.js';
import { statement } from '../database/queryable.js';
import type { World } from './world.js';

const uuidWithCapitals = /^(?=.*[A-F])([0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32})$/i;

/** `server_id`, `id`: other parameters are names, of which each spelling is another. */
const isId = (param: string): boolean => /(^|_)id$/.test(param);

/** The same rows, whose paths may spell an id that is known here in either way. */
export const withKeptIds = (world: World, routes: readonly Route[]): Route[] =>
  routes.map((row) =>
    row.path.includes('id}') ? { ...row, run: async (asked) => row.run(await kept(world, asked)) } : row,
  );

async function kept(world: World, asked: Asked): Promise<Asked> {
  const spelled = Object.entries(asked.params).filter(([param, value]) => isId(param) && uuidWithCapitals.test(value));
  let { path, params } = asked;
  for (const [param, value] of spelled) {
    const id = idAsKept(value);
    if (!(await isKnownAs(world, id, value))) continue;
    params = { ...params, [param]: id };
    path = path.replaceAll(value, id);
  }
  return spelled.length === 0 ? asked : { ...asked, path, params };
}

/** True where something has this id, and nothing has it as it was spelled. */
async function isKnownAs(world: World, id: string, spelled: string): Promise<boolean> {
  const rows = await world.database.many<{ id: string }>(
    statement(
      'kept-ids',
      `select id from resource where kind = any($2) and id = any($1) union select id from global_resource where id = any($1)
        union select id from homed where id = any($1)`,
    ),
    // Of every kind, since the rows have no index by their id alone.
    [[id, spelled], [...world.kinds.keys()]],
  );
  const known = rows.map((row) => row.id);
  return known.includes(id) && !known.includes(spelled);
}
