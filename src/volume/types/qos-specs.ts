/** QoS specs; which types use them is a field of the type. */
import type { Body } from '../../resources/kind.js';
import { difference, fieldsOf, type GlobalKind } from '../../globals/global-kind.js';
import { ask, must, namesIn, volumeGlobal } from './cinder-requests.js';

const of = (id: string): string => `/qos-specs/${encodeURIComponent(id)}`;

export const qosSpecs: GlobalKind = {
  ...volumeGlobal('volume_qos_specs', 'own', of),
  list: (site) => namesIn(site, '/qos-specs?limit=1000', 'qos_specs'),
  read: async (site, id) => {
    const qos = (await ask(site, 'GET', of(id)))?.['qos_specs'] as Body | undefined;
    return qos && { name: qos['name'], consumer: qos['consumer'], specs: qos['specs'] ?? {} };
  },
  create: async (site, { body }) => {
    const wanted = { ...fieldsOf(body['specs']), name: body['name'], consumer: body['consumer'] };
    const { qos_specs: made } = await must(site, 'POST', '/qos-specs', { qos_specs: wanted });
    return { id: String((made as Body)['id']), made: body };
  },
  update: async (site, id, from, to) => {
    const { set, gone } = difference(fieldsOf(from['specs']), fieldsOf(to['specs']));
    if (from['consumer'] !== to['consumer']) set['consumer'] = to['consumer'];
    if (Object.keys(set).length > 0) await must(site, 'PUT', of(id), { qos_specs: set });
    if (gone.length > 0) await must(site, 'PUT', `${of(id)}/delete_keys`, { keys: gone });
  },
  remove: async (site, id) => void (await ask(site, 'DELETE', `${of(id)}?force=True`)),
};
