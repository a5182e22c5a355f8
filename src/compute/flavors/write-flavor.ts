/** Writes of flavors and what is below them. */
import { tryJson } from '@cascade/openstack-protocol/server/body.js';
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { writeGlobal, type Subject } from '../../globals/write.js';
import type { World } from '../../routing/world.js';
import { flavors } from './flavor-kind.js';

export const writeFlavor = (world: World): Answer =>
  writeGlobal(world, {
    service: 'compute',
    lock: () => flavors.kind,
    before: (asked, raw) => subjects(asked.params['flavor_id'] ?? idIn(raw)),
    changed: (asked, response) => {
      const { flavor_id: id } = asked.params;
      if (id !== undefined && isDeletion(asked, id)) return [{ kind: flavors, id, body: null }];
      return subjects(id ?? (bodyOf(response) as { flavor?: { id: string } } | undefined)?.flavor?.id);
    },
  });

const subjects = (id: string | undefined): Subject[] => (id === undefined ? [] : [{ kind: flavors, id }]);

const isDeletion = ({ method, path }: Asked, id: string): boolean =>
  method === 'DELETE' && path === `/flavors/${encodeURIComponent(id)}`;

/** The id that a create asks for; Nova chooses one where it asks for none. */
function idIn(raw: Buffer): string | undefined {
  const id = (tryJson(raw) as { flavor?: { id?: unknown } } | undefined)?.flavor?.id;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}
