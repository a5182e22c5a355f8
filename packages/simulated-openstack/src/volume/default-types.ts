/** The volume type that a project gets where it names none. @see openstack/cinder:cinder/api/v3/default_types.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { required } from '@cascade/openstack-adapter/volume/refusals.js';
import { bodyUnder } from './asked.js';
import type { Volumes } from './volumes.js';

export function defaultTypeRoutes(volumes: Volumes): Route[] {
  const since = { since: '3.62' };
  const of = '/default-types/{project_id}';
  const shown = (projectId: string, typeId: string) => ({ project_id: projectId, volume_type_id: typeId });
  const projectIn = ({ params }: Asked): string => params['project_id'] ?? '';
  return [
    route(
      'GET /default-types',
      'admin',
      async () => {
        const all = [...volumes.defaultTypes].map(([projectId, typeId]) => shown(projectId, typeId));
        return json(200, { default_types: all });
      },
      since,
    ),
    route(
      `GET ${of}`,
      'admin',
      async (asked) => {
        const typeId = volumes.defaultTypes.get(projectIn(asked));
        if (typeId === undefined)
          throw new Fault('not-found', `Default type for project ${projectIn(asked)} not found.`);
        return json(200, { default_type: shown(projectIn(asked), typeId) });
      },
      since,
    ),
    route(
      `PUT ${of}`,
      'admin',
      async (asked) => {
        const { volume_type: named } = await bodyUnder(asked, 'default_type');
        if (typeof named !== 'string') throw required('volume_type');
        const type = volumes.types.get(named) ?? [...volumes.types.values()].find(({ name }) => name === named);
        if (!type) throw new Fault('bad-request', `Volume type with name ${named} could not be found.`);
        volumes.defaultTypes.set(projectIn(asked), type.id);
        return json(200, { default_type: shown(projectIn(asked), type.id) });
      },
      since,
    ),
    route(
      `DELETE ${of}`,
      'admin',
      async (asked) => {
        volumes.defaultTypes.delete(projectIn(asked));
        return noContent();
      },
      since,
    ),
  ];
}
