/** Changes to a group: volumes that join it are where it is. */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { refs } from '../../resources/references.js';
import { requireAt } from '../../routing/link-request.js';
import { locateReferences } from '../../routing/locate.js';
import { ownerOf } from '../../routing/owner.js';
import { kindNamed, type World } from '../../routing/world.js';

/**
 * @param kindName `volume_group`, or its elder
 * @param change what passes the request on
 */
export function changeGroup(world: World, kindName: string, param: string, change: Answer): Answer {
  const kind = kindNamed(world, kindName);
  const joining = refs('volume', `${kind.key}.add_volumes[]`);
  return async (asked) => {
    const raw = await asked.readBody();
    const id = asked.params[param] ?? '';
    const owner = await ownerOf(world, asked, kind, id);
    if (owner) {
      const named = await locateReferences(world, asked, listed(tryJson(raw), kind.key), joining);
      await requireAt(world, asked.caller, owner.site, named, { about: `${kind.key} ${id}` });
    }
    return change({ ...asked, readBody: () => Promise.resolve(raw) });
  };
}

/** Ids stand in one text, with commas between them. */
function listed(body: unknown, key: string): unknown {
  const group = isObject(body) ? body[key] : undefined;
  const ids = isObject(group) ? group['add_volumes'] : undefined;
  return typeof ids === 'string' ? { [key]: { add_volumes: ids.split(',').map((id) => id.trim()) } } : body;
}
