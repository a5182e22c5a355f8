/** `POST /volumes/{id}/action`. */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { ownerOf } from '../../routing/owner.js';
import { passToOwner } from '../../routing/pass.js';
import { kindNamed, type World } from '../../routing/world.js';
import { hostNamed } from '../hosts/hosts.js';
import { volumeActionReferences } from '../references.js';

export function actOnVolume(world: World): Answer {
  const pass = passToOwner(world, 'volume', 'volume_id', { references: volumeActionReferences });
  return async (asked) => {
    const raw = await asked.readBody();
    const body = tryJson(raw);
    const move = isObject(body) && isObject(body['os-migrate_volume']) ? body['os-migrate_volume'] : undefined;
    // Who may not move volumes hears it from the site.
    if (!move || !asked.caller.isAdmin) return pass({ ...asked, readBody: () => Promise.resolve(raw) });
    const owner = await ownerOf(world, asked, kindNamed(world, 'volume'), asked.params['volume_id'] ?? '');
    for (const key of ['host', 'cluster']) {
      if (typeof move[key] !== 'string') continue;
      const { site, host } = hostNamed(world, move[key]);
      if (site && owner && site.id !== owner.site.id) {
        const words = `${move[key]} is in availability zone ${site.name}, and volumes are not migrated out of ${owner.site.name}.`;
        throw new Fault('bad-request', words);
      }
      // A name of a site alone is no backend, which the site says.
      move[key] = host || move[key];
    }
    const changed = Buffer.from(JSON.stringify(body));
    return pass({ ...asked, readBody: () => Promise.resolve(changed) });
  };
}
