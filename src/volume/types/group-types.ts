/** Group types and their specs. */
import type { Body } from '../../resources/kind.js';
import { difference, fieldsOf, type GlobalKind } from '../../globals/global-kind.js';
import { ask, must, namesIn, volumeGlobal } from './cinder-requests.js';

const of = (id: string): string => `/group_types/${encodeURIComponent(id)}`;

export const groupTypes: GlobalKind = {
  ...volumeGlobal('volume_group_type', 'own', of),
  list: (site) => namesIn(site, '/group_types?is_public=None&limit=1000', 'group_types'),
  read: async (site, id) => {
    const type = (await ask(site, 'GET', of(id)))?.['group_type'] as Body | undefined;
    if (!type) return undefined;
    const { name, description, is_public: isPublic, group_specs: specs } = type;
    return { name, description, is_public: isPublic, group_specs: specs ?? {} };
  },
  create: async (site, { body }) => {
    const { group_type: made } = await must(site, 'POST', '/group_types', { group_type: body });
    return { id: String((made as Body)['id']), made: body };
  },
  update: async (site, id, from, to) => {
    const { set } = difference(from, { name: to['name'], description: to['description'], is_public: to['is_public'] });
    if (set['description'] === null) set['description'] = '';
    if (Object.keys(set).length > 0) await must(site, 'PUT', of(id), { group_type: set });
    const specs = difference(fieldsOf(from['group_specs']), fieldsOf(to['group_specs']));
    if (Object.keys(specs.set).length > 0)
      await must(site, 'POST', `${of(id)}/group_specs`, { group_specs: specs.set });
    for (const key of specs.gone) await ask(site, 'DELETE', `${of(id)}/group_specs/${encodeURIComponent(key)}`);
  },
};
