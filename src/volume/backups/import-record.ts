/** `POST /backups/import_record`: a record is of use where its bytes are, so it goes back to the site that exported it. */
import { isObject, tryJson } from '../../openstack/body.js';
import type { Answer, Asked } from '../../openstack/route.js';
import { ownerOf } from '../../routing/owner.js';
import { kindNamed, type World } from '../../routing/world.js';
import { create } from '../create.js';

export const importRecord = (world: World): Answer =>
  create(world, 'backup', [], { takeZone: (body, asked) => zoneOfExporter(world, asked, body) });

/** Undefined where nobody knows the backup, or its site is silent: a record may be all that is left of a site. */
async function zoneOfExporter(world: World, asked: Asked, body: Record<string, unknown>): Promise<string | undefined> {
  const record = recordIn(body);
  for (const [kind, id] of [
    ['backup', record?.['id']],
    ['volume', record?.['volume_id']],
  ] as const) {
    const owner = typeof id === 'string' ? await ownerOf(world, asked, kindNamed(world, kind), id) : undefined;
    if (owner?.site.health('volume').reachable) return owner.site.name;
  }
  return undefined;
}

/** What Cinder wrote: JSON in base 64. @see openstack/cinder:cinder/objects/backup.py encode_record */
function recordIn({ 'backup-record': given }: Record<string, unknown>): Record<string, unknown> | undefined {
  const url = isObject(given) ? given['backup_url'] : undefined;
  const record = typeof url === 'string' ? tryJson(Buffer.from(url, 'base64')) : undefined;
  return isObject(record) ? record : undefined;
}
