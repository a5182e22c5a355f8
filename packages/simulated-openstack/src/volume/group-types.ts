/** Types of groups of volumes. @see openstack/cinder:cinder/api/v3/group_types.py, cinder/api/v3/group_specs.py */
import { randomUUID } from 'node:crypto';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { noSuch, required } from '@cascade/openstack-adapter/volume/refusals.js';
import { bodyUnder, textOrNone, wordsOf } from './asked.js';
import { typesPage } from './types-page.js';
import type { GroupType } from './volume.js';
import type { Volumes } from './volumes.js';

const since = { since: '3.11' };
const of = '/group_types/{group_type_id}';

export const noSuchGroupType = (id: string): Fault => noSuch('Group type', id);

const shown = ({ caller }: Asked, { id, name, description, isPublic, specs }: GroupType) => ({
  id,
  name,
  description,
  is_public: isPublic,
  ...(caller.isAdmin ? { group_specs: specs } : {}),
});

export function groupTypeRoutes(volumes: Volumes): Route[] {
  const one = ({ params: { group_type_id: id = '' } }: Asked): GroupType => {
    const type = volumes.groupTypes.get(id);
    if (type) return type;
    throw noSuchGroupType(id);
  };
  const shownOne = (asked: Asked) => json(200, { group_type: shown(asked, one(asked)) });
  return [
    route(
      'GET /group_types',
      'reader',
      async (asked) => {
        const isPublic = asked.query.get('is_public') ?? 'true';
        const rows = [...volumes.groupTypes.values()]
          .filter((type) => /^none$/i.test(isPublic) || booleanWord(isPublic) === type.isPublic)
          .reverse();
        const { page, links } = typesPage(asked, rows);
        return json(200, {
          group_types: page.map((type) => shown(asked, type)),
          ...(links.length > 0 ? { group_type_links: links } : {}),
        });
      },
      since,
    ),
    // No group type is configured as the default, as in a fresh Cinder.
    route('GET /group_types/default', 'reader', () => Promise.reject(noSuchGroupType('None')), since),
    route(`GET ${of}`, 'reader', async (asked) => shownOne(asked), since),
    route(
      'POST /group_types',
      'admin',
      async (asked) => {
        const given = await bodyUnder(asked, 'group_type');
        const name = textOrNone(given, 'name');
        if (name === null || name.trim() === '') throw required('name');
        requireFree(volumes, name);
        const isPublic = booleanWord(String(given['is_public'] ?? true)) === true;
        const type: GroupType = {
          id: randomUUID(),
          name,
          description: textOrNone(given, 'description'),
          isPublic,
          specs: wordsOf(given['group_specs'], 'group_specs'),
        };
        volumes.groupTypes.set(type.id, type);
        return json(202, { group_type: shown(asked, type) });
      },
      since,
    ),
    route(
      `PUT ${of}`,
      'admin',
      async (asked) => {
        const type = one(asked);
        const given = await bodyUnder(asked, 'group_type');
        const name = textOrNone(given, 'name') ?? type.name;
        if (name !== type.name) requireFree(volumes, name);
        const isPublic =
          given['is_public'] === undefined ? type.isPublic : booleanWord(String(given['is_public'])) === true;
        Object.assign(type, { name, description: textOrNone(given, 'description') ?? type.description, isPublic });
        return shownOne(asked);
      },
      since,
    ),
    route(
      `DELETE ${of}`,
      'admin',
      async (asked) => {
        const { id } = one(asked);
        if ([...volumes.groups.values()].some(({ typeId }) => typeId === id))
          throw new Fault('bad-request', 'Target group type is still in use.');
        volumes.groupTypes.delete(id);
        return noContent(202);
      },
      since,
    ),
    ...specRoutes(one),
  ];
}

function requireFree(volumes: Volumes, name: string): void {
  if (![...volumes.groupTypes.values()].some((type) => type.name === name)) return;
  throw new Fault('conflict', `Group Type ${name} already exists.`);
}

function specRoutes(one: (asked: Asked) => GroupType): Route[] {
  const known = (asked: Asked) => {
    const { spec_id: key = '' } = asked.params;
    const { specs, id } = one(asked);
    const value = specs[key];
    if (value !== undefined) return { [key]: value };
    throw new Fault('not-found', `Group Type ${id} has no specs with key ${key}.`);
  };
  return [
    route(`GET ${of}/group_specs`, 'admin', async (asked) => json(200, { group_specs: one(asked).specs }), since),
    route(
      `POST ${of}/group_specs`,
      'admin',
      async (asked) => {
        const given = wordsOf(await bodyUnder(asked, 'group_specs'), 'group_specs');
        const type = one(asked);
        type.specs = { ...type.specs, ...given };
        return json(202, { group_specs: given });
      },
      since,
    ),
    route(`GET ${of}/group_specs/{spec_id}`, 'admin', async (asked) => json(200, known(asked)), since),
    route(
      `PUT ${of}/group_specs/{spec_id}`,
      'admin',
      async (asked) => {
        const given = wordsOf(await asked.readJson(), 'group_specs');
        const type = one(asked);
        type.specs = { ...type.specs, ...given };
        return json(200, known(asked));
      },
      since,
    ),
    route(
      `DELETE ${of}/group_specs/{spec_id}`,
      'admin',
      async (asked) => {
        const [gone = ''] = Object.keys(known(asked));
        const type = one(asked);
        type.specs = Object.fromEntries(Object.entries(type.specs).filter(([key]) => key !== gone));
        return noContent(202);
      },
      since,
    ),
  ];
}
