/** The volume type that a project gets where it names none; known by the project's id. */
import type { Body } from '../../resources/kind.js';
import type { Site } from '../../sites/site.js';
import type { GlobalKind } from '../../globals/global-kind.js';
import { ask, must, volumeGlobal } from './cinder-requests.js';

const of = (projectId: string): string => `/default-types/${encodeURIComponent(projectId)}`;

export const defaultTypes: GlobalKind = {
  ...volumeGlobal('volume_default_type', 'chosen', of),
  list: async (site) => {
    // A site older than 3.62 has none.
    const all = ((await ask(site, 'GET', '/default-types'))?.['default_types'] ?? []) as { project_id: string }[];
    return all.map(({ project_id: id }) => ({ id, body: { name: id } }));
  },
  read: async (site, id) => {
    const found = (await ask(site, 'GET', of(id)))?.['default_type'] as Body | undefined;
    return found && { name: id, volume_type_id: found['volume_type_id'] };
  },
  create: async (site, { id, body }) => ({ id, made: await set(site, id, body) }),
  update: async (site, id, from, to) => {
    if (from['volume_type_id'] !== to['volume_type_id']) await set(site, id, to);
  },
};

async function set(site: Site, id: string, body: Body): Promise<Body> {
  await must(site, 'PUT', of(id), { default_type: { volume_type: body['volume_type_id'] } });
  return body;
}
